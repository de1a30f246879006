# Functions of a layer see its static parameters and are entries, called or not.

layer Coder[Z, act: fn(x: f32[..]) -> f32[..] = relu, k: f32 = 2] {
  let into = Dense[Z]
  param scale: f32[Z] ~ ones
  fn code(x: f32[B, _]) -> f32[B, Z] { act(into(x)) * scale * k }
  fn both(x: f32[B, _], z: f32[B, Z]) -> (f32[B, Z], f32) { (code(x) + z, mean(z)) }
}

model Vae[Z: dim = 4] {
  let body = Dense[8]
  let middle = Dense[Z]
  let back = Dense[6]
  fn encode(x: f32[B, 6]) -> f32[B, Z] { x |> body |> relu |> middle }
  fn decode(z: f32[B, Z]) -> f32[B, 6] { z |> back }
  fn never(z: f32[B, Z], s: f32) -> f32[B, Z] { z * s + back.b[0] }
}

# a layer with inputs and functions beside it
model Tied(x: f32[B, 6]) -> f32[B, 3] {
  param w: f32[6, 3] ~ glorot
  let h = x @ w
  fn back(y: f32[B, 3]) -> f32[B, 6] { y @ transpose(w) }
  h + mean(back(h))
}

let coder = Coder[5, tanh]
print(coder.code(ones[2, 3]), coder.both(ones[2, 3], ones[2, 5]))
print(Vae.decode(Vae.encode(ones[2, 6])), Tied.back(Tied(ones[1, 6])))
