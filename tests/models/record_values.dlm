## Weights are values: snapshots, computed records, assignment, gradients as values, derivatives of one's own.

layer Values(s: f32[B, 4]) -> f32[B, 2] {
  s |> Dense[3] |> tanh |> Dense[2] as head
}
model Net(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[3] |> tanh |> Dense[2] as head }
layer Counting(x: f32[B, 2]) -> f32[B, 2] {
  state calls: f32 ~ zeros
  param w: f32[2] ~ ones
  if training { calls = calls + 1 }
  x * w + calls
}
let q = Values
let target = Values
let counting = Counting

fn inputs -> f32[3, 4] { f32(reshape[3, 4](iota[12])) / 6 - 1 }

test "a snapshot stays" {
  let before = Net
  let old = Net.head.b[0]
  Net.head.b = Net.head.b + 1
  assert(before.head.b[0] == old)
  assert(Net.head.b[0] == old + 1)
  Net = before
  assert(Net.head.b[0] == old)
}

test "leaf by leaf" {
  let mean_of = lerp(q, target, 0.25)
  assert_close(mean_of.head.w, q.head.w + 0.25 * (target.head.w - q.head.w), 0.0)
  assert_close(total(q - target), total(q) - total(target), 1e-5)
  assert_close(flat(abs(q)), abs(flat(q)), 0.0)
  let masked = where(q > 0, q, 0)
  assert_close(flat(masked), maximum(flat(q), 0), 0.0)
  assert_close(total(q**2), sum(flat(q)**2), 1e-5)
}

test "one vector and back" {
  let back = like(q, 2 * flat(q))
  assert_close(flat(back), 2 * flat(q), 0.0)
  assert_close(like(Net, flat(Net))(inputs), Net(inputs), 0.0)
  let drawn = fresh(q)
  assert(total(abs(drawn - q)) > 0.1)
  assert_close(drawn.head.b, zeros[2], 0.0)
  assert(total(abs(fresh(q) - drawn)) > 0.1)
}

test "assignment copies" {
  target = q
  assert_close(target(inputs), q(inputs), 0.0)
  q.head.b = [3.0, 4.0]
  assert_close(target.head.b, zeros[2], 0.0)
  target.head = q.head
  assert_close(target.head.b, [3.0, 4.0], 0.0)
}

test "a copy that changes" {
  var r = Net
  r.head.w = r.head.w * 2
  r.dense_1 = Net.dense_1
  assert_close(r(inputs) - r.head.b, 2 * (Net(inputs) - Net.head.b), 1e-6)
}

step count_calls(x: f32[1, 2]) -> f32 {
  let copy = counting
  let doubled = 2 * copy
  sum(counting(x)) + 100 * sum(doubled(x)) + 10000 * sum(copy(x))
}

test "a call of a copy leaves the states of the instance" {
  let copy = counting
  assert_close(copy(ones[1, 2]), ones[1, 2], 0.0)
  assert(count_calls(ones[1, 2]) == 4 + 100 * 6 + 10000 * 4)
  assert(counting.calls == 1)
  assert(copy.calls == 0)
  let scaled = 2 * counting
  assert(scaled.calls == 1)
  assert_close(scaled(ones[1, 2]), [[3.0, 3.0]], 0.0)
}

fn error_of(net, x: f32[_, 4]) -> f32 { mean((net(x) - 1)**2) }
fn step_down(net, x: f32[_, 4]) { net - 0.1 * grad(error_of(net, x), net) }

test "a gradient as a value" {
  let g = grad(error_of(Net, inputs), Net)
  let eps = 1e-2
  var up = Net
  var down = Net
  up.head.b = Net.head.b + [eps, 0.0]
  down.head.b = Net.head.b - [eps, 0.0]
  assert_close(g.head.b[0], (error_of(up, inputs) - error_of(down, inputs)) / (2 * eps), 1e-4)
  assert(error_of(step_down(Net, inputs), inputs) < error_of(Net, inputs))
  assert(error_of(step_down(step_down(q, inputs), inputs), inputs) < error_of(q, inputs))
}

fn cube_slope(x: f32[N]) -> f32[N] { grad(sum(x**3), x) }
fn cube_bend(x: f32[N]) -> f32[N] { grad(sum(cube_slope(x)), x) }
fn cube_rest(x: f32[N]) -> f32[N] { grad(sum(cube_bend(x)), x) }
fn by_first(x: f32[N], y: f32[N]) -> f32[N] { grad(sum(x * y), x) }
fn by_var(x: f32[N]) -> f32[N] {
  var y = x
  y = y * y
  grad(sum(y * y) + sum(x), y)
}

test "a gradient has a gradient" {
  let x = [1.0, -2.0, 0.5]
  assert_close(cube_slope(x), 3 * x**2, 1e-6)
  assert_close(cube_bend(x), 6 * x, 1e-6)
  assert_close(cube_rest(x), [6.0, 6.0, 6.0], 1e-6)
  assert_close(by_first(x, x), x, 0.0)
  assert_close(by_var(x), 2 * x**2, 1e-6)
}

fn through(x: f32[..]) -> f32[..] { round(x) } gradient(dy) { dy }
fn turned[by: f32](x: f32[..]) -> f32[..] { x } gradient(dy) { -by * dy }
fn two(x: f32[N], y: f32[N], k: index[N]) -> (f32[N], f32) {
  (x * y, x[k])
} gradient(dy) {
  let a, b = dy
  (10 * a * y + b, 20 * a * x)
}
fn exponential(x: f32[N]) -> f32[N] { exp(x) } gradient(dy) { dy * value }
fn through_slope(x: f32[N]) -> f32[N] { grad(sum(through(x) * x), x) }
fn turned_slope(x: f32[N]) -> f32[N] { grad(sum(turned[0.5](x**2)), x) }
fn two_slope(x: f32[N], y: f32[N]) -> f32[N] {
  let a, b = two(x, y, 1)
  grad(sum(a) + 7 * b, x)
}
fn second_slope(x: f32[N], y: f32[N]) -> f32[N] {
  let a, _ = two(x, y, 1)
  grad(sum(a), y)
}
fn third_derivative(x: f32[N]) -> f32[N] {
  let first = grad(sum(exponential(2 * x)), x)
  let second = grad(sum(first), x)
  grad(sum(second), x)
}

test "derivatives of one's own" {
  let x = [0.4, 1.6]
  assert_close(through_slope(x), round(x) + x, 1e-6)
  assert_close(turned_slope(x), -x, 1e-6)
  assert_close(two_slope(x, [2.0, 3.0]), [27.0, 37.0], 1e-5)
  assert_close(second_slope(x, [2.0, 3.0]), 20 * x, 1e-5)
  assert_close(third_derivative(x), 8 * exp(2 * x), 1e-3)
}

step swap(x: f32[3, 4]) -> f32 {
  let first = q
  q = target
  target = first
  var copy = q
  if mean(x) > 100 { copy = target } else { copy.head.b = zeros }
  sum(copy.head.b**2)
}

test "steps change instances" {
  let a = q
  let b = target
  assert(swap(inputs) == 0)
  assert_close(flat(q), flat(b), 0.0)
  assert_close(flat(target), flat(a), 0.0)
}

layer Normed[Out](x: f32[B, 4]) -> f32[B, Out] {
  let inner = Dense[Out]
  var r = inner
  r.w = r.w / sqrt(sum(r.w**2))
  r(x)
}
let normed = Normed[3]

test "a layer over a changed copy of its part" {
  let w = normed.inner.w
  assert_close(normed(inputs), inputs @ (w / sqrt(sum(w**2))), 1e-6)
}

fn label_share(d, k: i64) { mean(d.label == k) }
step shares() -> (f32, f32) { (label_share(digits.train, 3), label_share(digits.test, 3)) }

test "inputs without a type" {
  let a, b = shares()
  assert(a == label_share(digits.train, 3))
  assert(b == mean(digits.test.label == 3))
  assert(a != b)
}

fn moved(net, by: f32) { (net - by, by) }

test "a record in a tuple" {
  Net.head.b = [0.5, 1.0]
  let r, by = moved(Net, 0.5)
  assert_close(r.head.b, [0.0, 0.5], 0.0)
  assert_close(flat(r), flat(Net) - by, 0.0)
}

test "two instances change places" {
  let a = q
  let b = target
  q, target = (target, q)
  assert_close(flat(q), flat(b), 0.0)
  assert_close(flat(target), flat(a), 0.0)
  let c, _ = (q, 1.0)
  q = 2 * q
  assert_close(flat(c), flat(b), 0.0)
}

test "a part of a weight is written" {
  var r = Net
  r.head.w[0, 1] = 7.0
  assert(r.head.w[0, 1] == 7)
  assert(Net.head.w[0, 1] != 7)
}
