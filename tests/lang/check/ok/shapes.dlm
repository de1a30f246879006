## What shapes can say: packs, stretchable axes, indexing, folds of sizes, facts, static branches.

dim T = 6
option Heads: dim = 2

fn center(x: f32[..S]) -> f32[..S] { x - mean[-1, keep=true](x) }
fn halves(x: f32[B, H]) -> (f32[B, H/2], f32[B, H/2]) given H % 2 == 0 {
  (x[_, 0..H/2], x[_, H/2..])
}
fn outer(a: f32[N], b: f32[M]) -> f32[N, M] { a[_, new] * b }
fn pooled(x: f32[B, T, C]) -> f32[B, C] { mean[T](x) }
fn split[N](x: f32[B, E]) -> f32[B, N, E/N] given E % N == 0 { reshape[B, N, E/N](x) }
fn shortcut[C](x: f32[B, In]) -> f32[B, C] { if In == C { x } else { zeros[B, C] } }
fn total(x: f32[..S]) -> f32 { sum(reshape[prod(S)](x)) / prod(S) }
fn last(x: f32[.., _]) -> f32[..] { x[.., -1] }
fn windows(x: f32[L], k: index[L - T + 1]) -> f32[T] given L >= T { x[k..k + T] }

let a = uniform[4, T](-1, 1)
let b, c = halves(a)
let m: f32[2, 2] = [[1, 2], [3, 4]]
print(center(a), b @ transpose(c), outer(a[0], a[_, 0]), pooled(zeros[2, T, 3]), split[Heads](a))
print(shortcut[T](a), shortcut[3](a), total(m), last(m), einsum["ij,kj->ik"](a, a))
print(argmax(a), a[iota[4], argmax(a)], max[0](a), where(a > 0, a, 0), m[1] == m[_, 1], -m**2, 4/3, 7 // 2, 7 % 4)
print(concat[1](a, a), stack(m, m), unstack(m), f64(m) + 1, i64(3.7), sum(a > 0), mean(a > 0), any(a > 2))
for i in 0..3 { if i == 1 { continue }; print("{i}: {m[0, 1]}") }
var n = 0
while n < 3 { n = n + 1 }
assert(n == 3)
assert_close(m[0], [1, 2], 1e-6)
test "windows" { assert_close(windows(a[0], 0), a[0], 0) }
