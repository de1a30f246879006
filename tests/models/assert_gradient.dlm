## The gradients of functions, of layers and of random numbers that stay, compared with differences.

fn cubes(x: f32[_]) -> f32 { sum(x**3) }
fn same(x: f32[_]) -> f32 { sum(x**2) } gradient(dy) { 2 * dy * x }
fn noisy(x: f32[_]) -> f32 { sum(dropout[0.5, training=true](x)**2) }
fn exact(x: f64[_]) -> f64 { sum(exp(x)) }
layer Line(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] |> tanh }
let net = Line
fn loss(x: f32[_, 2]) -> f32 { mean(net(x)**2) }

test "gradients are what differences give" {
  assert_gradient(cubes, [1.0, 2.0])
  assert_gradient(cubes, [1, 2, -3])
  assert_gradient(same, normal[5])
  assert_gradient(exact, f64([0.5, 2]))
  assert_gradient(loss, normal[3, 2])
  assert_gradient(noisy, normal[6])
  let x = normal[4]
  assert_gradient(cubes, x)
}
