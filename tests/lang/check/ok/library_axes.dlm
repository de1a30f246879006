## `a: axes` takes axes as the brackets of a reduction do; a loss reaches weights through functions called before.

fn spread[a: axes](x: f32[..]) { max[a](x) - min[a](x) }
fn rows(x: f32[B, T, C]) -> f32[B, C] { std[T](x) + variance[1](x) + spread[T](x) }
fn behind(x: f32[B, ..S]) -> f32[B] { std[..S](x) }

let x = reshape[2, 3, 2](iota[12])
let all: f32 = std(x) + spread(x)
let middle: f32[3] = variance[0, -1](x) + spread[a=1](x)[0, 0]
print("{rows(x)} {behind(x)} {all} {middle}")

model Line(x: f32[_, 3]) { x |> Dense[2] }
fn distance(x: f32[_, 3]) -> f32 { mean(Line(x)**2) + mean(normed(x)) }

step one(x: f32[5, 3]) { minimize distance(x) using sgd }
step two(x: f32[5, 3]) { minimize distance(x) using adam }
one(zeros[5, 3])
two(zeros[5, 3])

layer Norms(x: f32[_, _, _, _]) { x |> GroupNorm[2] |> BatchNorm |> Conv2d[6, kernel=3, groups=2] |> global_mean }
fn normed(x: f32[B, C]) -> f32[B] { sum[C](x) }
let norms = Norms
let pooled: f32[3, 6] = norms(zeros[3, 4, 5, 7])
print("{pooled}")
