## `for` in compiled bodies and at program level: yields, carries, order of the turns, draws, gradients.
dim T = 5
dim H = 3

fn scan(x: f32[B, T, H], w: f32[H, H]) -> (f32[B, T, H], f32[B, H]) {
  var h = zeros[B, H]
  let y = for xt in x along T {
    h = tanh(xt + h @ w)
    yield h
  }
  (y, h)
}

## The same without a loop.
fn written_out(x: f32[B, T, H], w: f32[H, H]) -> (f32[B, T, H], f32[B, H]) {
  let h0 = tanh(x[_, 0])
  let h1 = tanh(x[_, 1] + h0 @ w)
  let h2 = tanh(x[_, 2] + h1 @ w)
  let h3 = tanh(x[_, 3] + h2 @ w)
  let h4 = tanh(x[_, 4] + h3 @ w)
  (stack[1](h0, h1, h2, h3, h4), h4)
}

model Looped(x: f32[B, T, H]) -> (f32[B, T, H], f32[B, H]) {
  param w: f32[H, H] ~ glorot
  scan(x, w)
}

model Flat(x: f32[B, T, H]) -> (f32[B, T, H], f32[B, H]) {
  param w: f32[H, H] ~ glorot
  written_out(x, w)
}

model Parts(x: f32[B, T, H]) -> (f32[B, T], f32[B, T, H], f32[4, B], f32[T, H, B], f32[2, 3, 1]) {
  param scale: f32 ~ 1.0
  var sum_after = zeros[B]
  let after = for xt in x along T reversed {
    sum_after = sum_after + scale * sum[H](xt)
    yield sum_after
  }
  let whole = for i, xt in 0..T, x along 1 { yield xt * i }
  let counted = for i in 1..5 { yield x[_, i, 0] }
  let turned = for a in transpose[1, 2, 0](x) { let row = for b in a { yield b + scale } |> negate_all; yield row }
  let square = for i in 0..2 { let row = for k in 0..3 { yield ones[1] * (10 * i + k) }; yield row }
  (after, whole, counted, turned, square)
}

fn negate_all(x: f32[..]) -> f32[..] { -x }

model Noise(n: f32[B]) -> (f32[4, B], f32[B], f32[2, 3, B]) {
  param scale: f32 ~ 1.0
  let once = for _ in 0..4 { yield scale * uniform01[B] + 0 * n }
  let nested = for _ in 0..2 { let row = for _ in 0..3 { yield scale * uniform01[B] }; yield row }
  (once, uniform01[B], nested)
}

step learn(x: f32[2, T, H]) {
  let y, h = Looped(x)
  minimize mean(y**2) + sum(h) over Looped using sgd[lr=0.1]
  let y2, h2 = Flat(x)
  minimize mean(y2**2) + sum(h2) over Flat using sgd[lr=0.1]
}

## Two updates by one `minimize`, in turns.
step twice(x: f32[2, T, H]) {
  for i in 0..2 {
    let y, _ = Looped(x)
    minimize mean((y - i)**2) over Looped using sgd[lr=0.1]
  }
}

step by_hand(x: f32[2, T, H], i: f32) {
  let y, _ = Flat(x)
  minimize mean((y - i)**2) over Flat using sgd[lr=0.1]
}

let start = normal[2, T, H]
learn(start)
twice(start)

test "a loop is its turns" {
  let x = normal[2, T, H]
  Flat.w = Looped.w
  let y, h = Looped(x)
  let y2, h2 = Flat(x)
  assert(all(y == y2) and all(h == h2))
  let y3, h3 = scan(x, Looped.w)
  assert(all(y == y3) and all(h == h3))
}

test "yields stand where the axis stood" {
  let x = reshape[2, T, H](f32(iota[2 * T * H]))
  let after, whole, counted, turned, square = Parts(x)
  assert(all(after[_, 4] == sum[1](x[_, 4])))
  assert(all(after[_, 0] == sum[1, 2](x)))
  assert(all(whole == x * f32(iota[T])[_, new]))
  assert(all(counted[0] == x[_, 1, 0]) and all(counted[3] == x[_, 4, 0]))
  assert(all(turned == -(transpose[1, 2, 0](x) + 1)))
  assert(all(square[_, _, 0] == [[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]]))
}

test "each turn draws anew" {
  let once, alone, nested = Noise(ones[100])
  for i in 0..4 { for k in 0..i { assert(any(once[i] != once[k])) } }
  assert(any(once[0] != alone))
  let all_rows = reshape[6, 100](nested)
  for i in 0..6 { for k in 0..i { assert(any(all_rows[i] != all_rows[k])) } }
}

test "gradients through a loop" {
  let x = normal[2, T, H]
  Flat.w = Looped.w
  learn(x)
  assert_close(Looped.w, Flat.w, 1e-6)
}

test "minimize in a loop" {
  let x = normal[2, T, H]
  Flat.w = Looped.w
  let before = Looped.w
  twice(x)
  by_hand(x, 0)
  by_hand(x, 1)
  assert(all(Looped.w == Flat.w) and any(Looped.w != before))
}

test "loops of the program" {
  var h = 0
  let y = for i in 1..4 reversed { h = 10 * h + i; yield h }
  assert(h == 321 and y[0] == 321 and y[2] == 3)
  let a, b = for p, (q, r) in [1.0, 2.0], ([3.0, 4.0], [[5.0], [6.0]]) { yield (p * q, r + p) }
  assert(b[1, 0] == 8 and a[0] == 3 and a[1] == 8)
  var n = 0
  while true { n = n + 1; if n == 7 { break } }
  assert(n == 7)
}
