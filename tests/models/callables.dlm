## Functions and layers as values: what they compute, with weights of their own, by every executor.

fn leaky[a: f32](x: f32[..]) -> f32[..] { where(x > 0, x, a*x) }

layer Mlp[H, act: fn(x: f32[..]) -> f32[..] = tanh](x: f32[B, N]) -> f32[B, N] {
  act(x |> Dense[H] as up) |> Dense[N] as down
}
layer Residual[L: layer](x: f32[B, N]) -> f32[B, N] { x + (x |> L) }
layer Shared[L: layer](x: f32[B, N]) -> f32[B, N] {
  let inner = L
  x |> inner |> inner
}

# the slope is computed where the function is named
layer Sloped(x: f32[B, N]) -> f32[B, N] {
  let s = mean(abs(x))
  x |> Mlp[4, act=leaky[s]] as body
}

# an instance and a value of this place, used inside of another layer
layer Borrowed(x: f32[B, N]) -> f32[B, N] {
  let inner = Dense[N]
  let bias = x * 0.5
  x |> Residual[inner] |> Residual[inner |> maximum(bias)]
}

layer Coder[Z, act: fn(x: f32[..]) -> f32[..] = relu, k: f32 = 2] {
  let into = Dense[Z]
  fn code(x: f32[B, _]) -> f32[B, Z] { act(into(x)) * k }
  fn twice(x: f32[B, _]) -> f32[B, Z] { code(x) + code(x) }
}

model Net(x: f32[B, 64]) -> f32[B, 10] {
  let head = Dense[16] |> tanh |> Dense[10]
  x |> Residual[Dense[8] |> relu |> Dense[64]] |> Shared[Mlp[6, leaky[0.1]]] |> Sloped |> Borrowed |> head
}

train Net on digits.train {
  batch = 32; shuffle = true; epochs = 1
  seed = 1
  step (image, label) {
    minimize mean(cross_entropy(Net(flatten(image) / 16), label)) using adam[lr=2e-3]
  }
}

let mlp = Mlp[5]
let residual = Residual[Dense[8]]
let shared = Shared[Dense[8]]
let sloped = Sloped
let borrowed = Borrowed
let pipe = Dense[4] |> relu |> Dense[8]
let coder = Coder[3, tanh, k=0.5]

test "values" {
  let x = uniform[4, 8](-1, 1)
  let y_mlp, y_residual, y_shared = (mlp(x), residual(x), shared(x))
  let y_sloped, y_borrowed, y_pipe, y_code = (sloped(x), borrowed(x), pipe(x), coder.code(x))
  let up = x @ mlp.up.w + mlp.up.b
  assert_close(y_mlp, tanh(up) @ mlp.down.w + mlp.down.b, 1e-5)
  assert_close(y_residual, x + (x @ residual.dense_1.w + residual.dense_1.b), 1e-5)
  let once = x @ shared.inner.w + shared.inner.b
  assert_close(y_shared, once @ shared.inner.w + shared.inner.b, 1e-5)
  let s = mean(abs(x))
  let inside = x @ sloped.body.up.w + sloped.body.up.b
  assert_close(y_sloped, where(inside > 0, inside, s * inside) @ sloped.body.down.w + sloped.body.down.b, 1e-5)
  let first = x + (x @ borrowed.inner.w + borrowed.inner.b)
  let second = first + maximum(first @ borrowed.inner.w + borrowed.inner.b, x * 0.5)
  assert_close(y_borrowed, second, 1e-5)
  assert_close(y_pipe, relu(x @ pipe.dense_1.w + pipe.dense_1.b) @ pipe.dense_2.w + pipe.dense_2.b, 1e-5)
  let coded = tanh(x @ coder.into.w + coder.into.b) * 0.5
  assert_close(y_code, coded, 1e-5)
  assert_close(coder.twice(x), 2 * coded, 1e-5)
}
