## Steps that every use decides: static parameters, inputs without a type, packs.

layer Line(x: f32[B, 2]) -> f32[B, 1] { param w: f32[2, 1] ~ ones; x @ w }
let a = Line
let b = Line
let c = Line
let x = [[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0]]

step learn[Rule: optimizer](x: f32[B, 2], net: f32[..S]) { minimize mean(a(x)**2) over a using Rule; report loss = sum(net) }
step plainly(x: f32[B, 2]) { minimize mean(b(x)**2) over b using adam[lr=0.125] }
step scaled[k: i64, rate: f32 = 0.5, up: bool = false](x: f32[B, 2]) -> f32 { if up { 1.0 } else { k * sum(x) * rate } }
step any_sum(x) -> f32 { sum(x) }
step twice(x: f32[..S]) -> f32[..S] { 2 * x }
step mixed(x: f32[..], y: float[N]) -> f32 { sum(x) + sum(y) }
step clipped[limit: f32](x: f32[B, 2]) { minimize mean(c(x)**2) over c using clip_norm[limit] |> sgd[lr=0.5] }
step both(x: f32[B, 2]) -> f32 {
  let halved = scaled[2, rate=mean(x)](x)
  any_sum(halved) + any_sum(x)
}

# two places, one step: adam goes on where it was
learn[adam[lr=0.125]](x, x)
plainly(x)
for i in 0..3 {
  learn[adam[lr=0.125]](x, x)
  plainly(x)
}
# a rule with numbers of a loop, of a procedure, behind a transform
let d = Line
let e = Line
step down[Rule: optimizer](x: f32[B, 2]) { minimize sum(d(x)) over d using Rule }
step softly[Rule: optimizer](x: f32[B, 2]) { minimize sum(e(x)) over e using clip_norm[1.0] |> Rule[lr=0.5] }
fn descend(lr: f32) { down[sgd[lr=lr]](ones[1, 2]) }
for i in 0..3 { down[sgd[lr=f32(i)]](ones[1, 2]) }
for lr in [0.5, 0.25] { down[sgd[lr=lr]](ones[1, 2]) }
descend(1.0)
descend(2.0)
softly[sgd](ones[1, 2])

let before = c.w
clipped[0.25](x)

test "a rule in brackets trains as the rule itself" {
  assert_close(a.w, b.w, 0)
  assert(any(a.w != 1))
}

test "numbers in the brackets of a rule are those of each call" {
  assert_close(d.w, full[2, 1](1 - (0 + 1 + 2) - (0.5 + 0.25) - (1 + 2)), 1e-6)
  assert_close(e.w, full[2, 1](1 - 0.5 / sqrt(2)), 1e-6)
}

test "static parameters of steps" {
  assert_close(scaled[3](x), 1.125, 1e-6)
  assert_close(scaled[3, rate=2](x), 4.5, 1e-6)
  assert(scaled[3, up=true](x) == 1)
  assert_close(sqrt(sum((c.w - before)**2)), 0.125, 1e-6)
}

test "inputs of any shape" {
  assert_close(any_sum(x), 0.75, 1e-6)
  assert_close(any_sum([1, 2, 3]), 6, 0)
  assert_close(twice(x), 2 * x, 0)
  assert_close(twice(3.0), 6, 0)
  assert_close(mixed(x, [1.0, 2.0]), 3.75, 1e-6)
}

test "in a step" {
  assert_close(both(x), 2 * 0.75 * 0.125 + 0.75, 1e-6)
}
