## Patterns in lists of names: in the program, in functions and in steps.

fn parts(x: f32[N]) -> (f32[N], (f32[N], (f32, i64))) { (x, (2*x, (sum(x), N))) }
let a, (b, (c, _)) = parts(ones[3])
var d, (e, (g, h)) = parts(ones[2])
g = g + 1

fn reads(x: f32[N]) -> f32 {
  let _, (p, (q, n)) = parts(x)
  sum(p) * q + n + sum(b)
}
step stepped(x: f32[N]) -> f32 {
  let u, (v, (w, n)) = parts(x)
  sum(u) + sum(v) + w + n + sum(b)
}

type Pair = (f32[4], f32)
let pair = parts(ones[3])
fn sees(x: f32[3]) -> f32 {
  let _, inner = pair
  let twice, (total, n) = inner
  sum(twice * x) + total + n
}
step seen(x: f32[3]) -> f32 {
  let ones, (twice, _) = pair
  sum(ones * x) + sum(twice)
}
step inside(x: Pair) -> f32 { let a, b = x; sum(a) + b }
step outside(x: f32[4]) -> f32 { inside((x, 1.0)) }

test "functions and steps see the tuples of the program" {
  assert_close(sees(ones[3]), 6 + 3 + 3, 0)
  assert_close(seen(ones[3]), 3 + 6, 0)
  assert_close(seen(zeros[3]), 6, 0)
}

test "a step gives a tuple to a step" { assert_close(outside(ones[4]), 5, 0) }

test "a pattern in a list of names takes a tuple apart" {
  assert_close(a, ones[3], 0)
  assert_close(b, 2 * ones[3], 0)
  assert(c == 3 and g == 3 and h == 2)
  assert_close(d + e, full[2](3), 0)
  assert_close(reads(ones[4]), 8 * 4 + 4 + 6, 0)
  assert_close(stepped(ones[2]), 2 + 4 + 2 + 2 + 6, 0)
}
