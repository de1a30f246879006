# `repeat`: a body per copy.

option Depth: dim = 3

layer Residual[C, stride: i64 = 1](x: f32[B, In, H]) -> f32[B, C, (H - 1)//stride + 1] {
  let y = x |> Thin[C, stride=stride] |> relu
  let shortcut = if In == C and stride == 1 { x } else { x |> Thin[C, stride=stride] }
  y + shortcut
}

layer Thin[C, stride: i64 = 1](x: f32[B, In, H]) -> f32[B, C, (H - 1)//stride + 1] {
  param w: f32[C, In] ~ glorot
  einsum["bih,ci->bch"](x[_, _, 0..(H - 1)//stride + 1], w)
}

# lists of tuples; the var changes its shape
model Stages(x: f32[B, 1, 32]) -> f32[B, 32, 16] {
  var h = x
  repeat (C, stride) in [(8, 1), (16, 2), (32, 1)] {
    h = h |> Residual[C, stride=stride] |> Residual[C]
  }
  h
}

# a range over an option; equal copies
model Ladder(x: f32[B, 4]) -> f32[B, 4] {
  var h = x
  repeat i in 0..Depth { h = tanh(h |> Dense[4]) / (i + 1) }
  h
}

# a static parameter as bound: checked once for any N
layer Tower[N, E](x: f32[B, _]) -> f32[B, E] {
  var h = x
  repeat _ in 0..N { h = h |> Dense[E] |> relu }
  h |> Dense[E]
}

# an instance made outside is shared, one made inside is not
model Shared(x: f32[B, 4]) -> f32[B, 4] {
  let once = Dense[4]
  var h = x
  repeat _ in 0..3 {
    let own = Dense[4]
    h = h |> once |> own
  }
  h
}

# named copies, several sources, a repeat in a repeat, a range without end
model Named(x: f32[B, 4]) -> f32[B, 2] {
  var h = x
  repeat C, act, k in [8, 2], (relu, tanh), 1.. {
    repeat _ in 0..k { h = h |> Dense[C] as fc |> act }
  }
  h
}

# layers as elements
model Kinds(x: f32[B, 4]) -> f32[B, 4] {
  var h = x
  repeat L in (Dense[8], Tower[2, 4], Dense[4]) { h = h |> L }
  h
}

# two vars at once, both changing; a flag
fn grow(x: f32[B, N], y: f32[B, M]) -> f32[B, 3*N + M] {
  var a = x
  var b = y
  repeat twice in (true, false) {
    a, b = (concat[1](a, x), b * 2)
    a = if twice { a * 2 } else { a }
  }
  concat[1](a, b)
}

# the yields are a tuple, of different shapes too
fn pyramid(x: f32[B, 16]) -> (f32[B, 8], f32[B, 4], f32[B, 2]) {
  repeat k in (8, 4, 2) { yield x[_, 0..k] }
}

model Pair(x: f32[B, 4]) -> f32[B, 4] { x |> Dense[4] }

let first = Dense[4]
let second = Dense[4]
let x = ones[2, 4]

repeat net in (first, second, Pair) { print(net(x)) }

let nets = repeat i in 0..2 {
  let net = Dense[i + 1]
  print(net(x))
  yield mean(net(x))
}
let low, high = nets
print(low + high)

repeat part in pyramid(ones[2, 16]) { print(sum(part)) }

print(Stages(ones[2, 1, 32]), Ladder(x), x |> Shared, Named(x), Kinds(x))
print(grow(x, x))
print(Named.fc[0][0].w, Shared.own[2].b, Stages.residual_1)

step train_all(v: f32[B, 4]) {
  repeat net in (first, Pair) { minimize mean(net(v)**2) over net using sgd[lr=0.1] }
}
train_all(x)
let tower = Tower[3, 8]
print(tower(x))
