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

test "a pattern in a list of names takes a tuple apart" {
  assert_close(a, ones[3], 0)
  assert_close(b, 2 * ones[3], 0)
  assert(c == 3 and g == 3 and h == 2)
  assert_close(d + e, full[2](3), 0)
  assert_close(reads(ones[4]), 8 * 4 + 4 + 6, 0)
  assert_close(stepped(ones[2]), 2 + 4 + 2 + 2 + 6, 0)
}
