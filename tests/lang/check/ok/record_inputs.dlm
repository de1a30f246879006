## Inputs without a type: found at each use.

fn brightness(d) { mean(d.image / 16) }
fn share_of(d, k: i64) { mean(d.label == k) }
fn sum_of(t) {
  let a, b = t
  a + b
}
fn twice(x) { x + x }
fn first(a, name) { a }  # allow W0212: any kind of value goes in
model Net(x: f32[B, 64]) -> f32[B, 10] { x |> Dense[10] }
fn accuracy(net, d) { mean(argmax(net(flatten(d.image) / 16)) == d.label) }

print(brightness(digits.train), brightness(digits.test), share_of(digits.test, 3))
print(sum_of((1.0, 2.0)), sum_of((ones[3], 2)), first(3.0, "name"))
print(twice(2.0), twice(ones[3]), total(twice(Net)), twice(3))
print(accuracy(Net, digits.test))
step judge() -> f32 { accuracy(Net, digits.test) + brightness(digits.train) }
print(judge())

# a changed copy of a part, whose sizes the call below it fixes
layer Normed[Out](x: f32[.., In]) -> f32[.., Out] given In > 0 {
  let inner = Dense[Out]
  var r = inner
  r.w = r.w / sqrt(sum(r.w**2))
  r(x)
}
model Unit(x: f32[B, 4]) -> f32[B, 2] { x |> Normed[3] |> tanh |> Normed[2] }
print(Unit(ones[1, 4]), Unit.normed_1.inner.w)
