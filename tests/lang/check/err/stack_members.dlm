# Functions of a layer are checked with it, called or not.

model Never {
  let back = Dense[6]
  fn decode(z: f32[B, 4]) -> f32[B, 7] { z |> back } # error E0301: the result of `decode` is f32[B, 7], this is f32[B, 6]
}

layer Pair(x: f32[B, N]) -> f32[B, N] {
  let inner = Dense[N]
  let h = inner(x)
  fn again(z: f32[B, M]) -> f32[B, M] { z + mean(h) } # error E0201: there is no name `h`
  fn input(z: f32[B, M]) -> f32[B, M] { z + mean(x) } # error E0201: there is no name `x`
  h
}

layer Twice[N] {
  fn one(x: f32[B, N]) -> f32[B, N] { x }
  fn one(x: f32[B, N]) -> f32[B, N] { 2*x } # error E0202: `one` is declared twice here
}

layer Sizes[N, M] {
  fn add(x: f32[B, N], y: f32[B, M]) -> f32[B, N] { x + y } # error E0303: differ
}
let sizes = Sizes[3, 3]
print(sizes.add(ones[1, 3], ones[1, 3]))
