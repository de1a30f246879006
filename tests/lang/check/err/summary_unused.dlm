# Whatever is declared is checked, used or not.
fn unused(x: f32[N]) -> f32[N] { x @ x }                       # error E0301: the result of `unused` is f32[N]
layer Unused(x: f32[N, M]) -> f32[N, M] { x + missing1 }       # error E0201: `missing1`
model Net(x: f32[B, 4]) -> f32[B, 2] { missing2 }              # error E0201: `missing2`
optimizer odd(p, g) { p = missing3 }                           # error E0201: `missing3`
step unused_step(x: f32[3]) { report y = mean(x) + missing4 }  # error E0201: `missing4`
test "never" { assert(missing5 == 1) }                         # error E0201: `missing5`
dim Q = missing6                                               # error E0201: `missing6`
option rate: f32 = missing7                                    # error E0201: `missing7`
type T = f32[Missing8]                                         # error E0201: `Missing8`
data d { x: f32[2] from missing9 }                             # error E0201: `missing9`
