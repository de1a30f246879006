## What a program can do, in little: every statement and most declarations.

dim N = 12
option Hidden: dim = 4
option rate: f32 = 0.1
option verbose: bool = true

data points {
  let x0 = normal[N, 3]
  x: f32[3] from x0
  y: index[2] from randint[2, N]
}

fn squash(x: f32[..S], scale: f32) -> f32[..S] {
  let a = x * scale
  if mean(a) > 0 { tanh(a) } else { exp(-a * a) }
}

fn root(x: f32) -> f32 { sqrt(maximum(x, 0) + 1e-3) }

layer Block[H](x: f32[B, In]) -> f32[B, H] {
  param w: f32[In, H] ~ glorot
  param b: f32[H] ~ zeros
  state seen: f32[H] ~ zeros
  let h = x @ w + b
  if training { seen = lerp(seen, mean[B](h), 0.1) }
  relu(h) - 0.1 * seen
}

model Net(x: f32[B, 3]) -> f32[B, 2] {
  x |> Block[Hidden] |> Dense[2] as head
}

optimizer momentum[lr: f32, beta: f32 = 0.9](p, g) {
  state m ~ zeros
  m = beta * m + g
  p = p - lr * m
}

train Net on points {
  batch = 5; shuffle = true; epochs = 2
  seed = 7

  step (x, y) {
    let logits = Net(x)
    minimize mean(cross_entropy(logits, y)) + 0.01 * root(mean(squash(logits, 2)**2)) using momentum[lr=rate]
    report accuracy = mean(argmax(logits) == y)
  }

  validate (x, y) on points {
    report loss = mean(cross_entropy(Net(x), y))
  }
}

var total = 0
for i in 0..10 {
  if i % 3 == 0 { continue }
  total = total + i // 2
}
let table = [1.5, -2, 3]
while total > 5 { total = total - 4 }
if verbose { print("total {total}, {sum(table):.3}, {table[1]}, {concat[0](table, table)[2..4]}") }

test "it adds up" {
  assert(total <= 5)
  assert_close(sum(table), 2.5, 1e-6)
}
