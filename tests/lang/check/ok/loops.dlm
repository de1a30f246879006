# Loops: yields, carries, sources, patterns, in functions, layers, steps and the program.
dim Steps = 7
dim Wide = 3

fn scan(x: f32[B, T, H], w: f32[H, H]) -> (f32[B, T, H], f32[B, H]) {
  var h = zeros[B, H]
  let y = for xt in x along T {
    h = tanh(xt + h @ w)
    yield h
  }
  (y, h)
}

fn leading(x: f32[T, _]) -> f32[T] { for row in x { yield sum(row) } }

fn by_position(x: f32[B, T]) -> f32[B, T] { for c in x along -1 reversed { yield 2 * c } }

fn counted[n: i64](x: f32[N]) -> f32[n, N] { for i in 0..n { yield x * i } }

fn several(x: f32[B, T, H], mask: bool[B, T]) -> f32[B, T] {
  var last = zeros[B]
  for i, xt, mt in 0..T, x, mask along T {
    last = where(mt, sum[H](xt) * i, last)
    yield last
  }
}

fn pairs(x: f32[T, _], y: f32[T]) -> f32[T] { for (a, b) in (x, y) { yield sum(a) * b } }

fn tuple_of_stacks(x: f32[T, _]) -> (f32[T], index[T][T]) {
  for i, xt in 0..T, x { yield (mean(xt), i) }
}

fn both(a: f32[N], b: f32[N]) -> (f32[N], f32[N]) { (b, a) }

fn swapped(x: f32[_, N]) -> f32[N] {
  var h = zeros[N]
  var c = ones[N]
  for xt in x { h, c = both(h + xt, c) }
  h + c
}

fn nested(x: f32[A, B]) -> f32[A, B] {
  for row in x {
    let doubled = for e in row { yield 2 * e }
    yield doubled
  }
}

# the index of a range is an index of its end: no conversion, no check
fn looked_up(table: f32[V, E]) -> f32[V, E] { for i in 0..V { yield table[i] } }
fn from_one(table: f32[V, E]) -> f32[V, E] given V >= 1 {
  let rest = for i in 1..V { yield table[i] }
  concat(table[0..1], rest)
}

fn packed(x: f32[T, ..S]) -> f32[T, ..S] { for xt in x { yield xt + 1 } }

fn behind_a_pack(x: f32[..S, T]) -> f32[..S, T] { for e in x along T { yield e + 1 } }

fn first_above(x: f32[N], limit: f32) -> f32 {
  var found = -1.0
  for i in 0..N {
    if x[i] > limit { found = x[i]; break }
  }
  found
}

fn halvings(x: f32) -> f32 {
  var y = x
  var n = 0.0
  while y > 1 {
    y = y / 2
    n = n + 1
    if n > 100 { break }
  }
  n
}

layer Recurrent(x: f32[B, T, In]) -> f32[B, T, In] {
  let cell = Dense[In]
  var h = zeros[B, In]
  for xt in x along T { h = tanh(cell(xt) + h); yield h }
}

model Net(x: f32[B, Steps, Wide]) -> f32[B, Wide] {
  let y = x |> Recurrent
  mean[Steps](y)
}

step play() {
  var s = uniform[4, Wide](-0.05, 0.05)
  let seen, reward = for _ in 0..Steps {
    let before = s
    s = s + 0.1 * uniform[4, Wide]
    yield (before, sum[1](s))
  }
  var future = zeros[4]
  let returns = for r in reward along Steps reversed {
    future = r + 0.99 * future
    yield future
  }
  for i in 0..2 {
    minimize mean((Net(transpose[1, 0, 2](seen)) * i)**2) using adam[lr=1e-3]
  }
  report returned = mean(sum[Steps](returns))
}

print(play().returned)
let v, f = scan(ones[2, 3, Wide], zeros[Wide, Wide])
print(v, f, leading(ones[4, 5]), by_position(ones[2, 3]), counted[3](ones[2]))
let xs = ones[2, 3, 4]
print(several(xs, sum[2](xs) > 0), pairs(ones[3, 2], ones[3]), tuple_of_stacks(ones[3, 2]))
print(swapped(ones[3, 2]), nested(ones[2, 2]), looked_up(ones[3, 2]), from_one(ones[3, 2]), packed(ones[2, 3, 4]), behind_a_pack(ones[2, 3, 4]))
print(first_above(ones[3], 0.5), halvings(40.0))

var best = 0.0
let squares = for i in 0..5 { best = maximum(best, i); yield i * i }
print(squares, best)
for i in 0.. { if i > 3 { break } }
let n = 3
for i in 0..n { print(i) }
for a, b in [1.0, 2.0], [3.0, 4.0] { print(a * b) }
