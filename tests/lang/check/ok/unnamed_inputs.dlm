# An input that is not wanted is called `_`, as often as there are such.
fn first(x: f32[N], _: f32[N]) -> f32 { sum(x) }
fn any_kind(x: f32[_], _) -> f32 { sum(x) }
fn none(_: f32[_], _: f32[_]) -> f32 { 0.5 }
layer Scale(x: f32[N], _: f32[N]) -> f32[N] { param w: f32 ~ ones; w * x }
step learn(x: f32[N], _: f32[M]) -> f32 { sum(x) }
fn show(_: f32[2], s: string) { print(s) }
optimizer shrink(p, _) { p = 0.5 * p }
model Net(x: f32[B]) -> f32[B] { param w: f32 ~ ones; w * x }
step train_it(x: f32[B], _: f32[B]) { minimize mean(Net(x)) using shrink }
let scale = Scale
print(first([1, 2.0], [3, 4.0]), any_kind([1, 2.0], "a"), none([1.0], [2.0, 3]), scale([1, 2.0], [3, 4.0]))
print(learn([1, 2.0], [3.0]))
show([1, 2.0], "two")
train_it([1.0], [2.0])
