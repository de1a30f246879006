# Mistakes with functions and layers as values.

layer Mlp[act: fn(x: f32[..]) -> f32[..]](x: f32[B, N]) -> f32[B, N] { act(x |> Dense[N]) }
layer Twice[Cell: layer(x: f32[B, In], h: f32[B, H]) -> f32[B, H]](x: f32[B, N], h: f32[B, N]) -> f32[B, N] {
  Cell(x, Cell(x, h))
}
layer Wrap[L: layer](x: f32[B, N]) -> f32[B, N] { x |> L }
layer One(x: f32[B, N]) -> f32[B, N] { x |> Dense[N] }
layer Short(x: f32[B, _], h: f32[B, H]) -> f32[B] { sum[1](x |> Dense[H]) + sum[1](h) }

fn total(x: f32[..]) -> f32 { sum(x) }
fn both(x: f32[..], y: f32[..]) -> f32[..] { x + y }

model Kind(x: f32[B, 8]) -> f32[B, 8] {
  x |> Mlp[Dense[8]] # error E0436: `act` is a function, and this is a layer
}
model Kind2(x: f32[B, 8]) -> f32[B, 8] {
  x |> Wrap[relu] # error E0436: `L` is a layer, and this is a function
}
model Kind3(x: f32[B, 8]) -> f32[B, 8] {
  x |> Wrap[sgd[lr=0.1]] # error E0436: `L` is a layer, and this is an optimizer
}
model Result(x: f32[B, 8]) -> f32[B, 8] {
  x |> Mlp[total] # error E0437: `act` is fn(x: f32[..]) -> f32[..], and this is fn total(x: f32[..]) -> f32
}
model Count(x: f32[B, 8]) -> f32[B, 8] {
  x |> Mlp[both] # error E0437: and this is fn both(x: f32[..], y: f32[..]) -> f32[..]
}
model Cells(x: f32[B, 8]) -> f32[B, 8] {
  Twice[One](x, x) # error E0437: `Cell` is layer(x: f32[B, In], h: f32[B, H]) -> f32[B, H], and this is layer One
}
model Cells2(x: f32[B, 8]) -> f32[B, 8] {
  Twice[Short](x, x) # error E0437: and this is layer Short(x: f32[B, _], h: f32[B, H]) -> f32[B]
}
model Value(x: f32[B, 8]) -> f32[B, 8] {
  x |> Mlp[3] # error E0314: `act` is a function or layer
}
model Unknown(x: f32[B, 8]) -> f32[B, 8] {
  x |> Mlp[rellu] # error E0201: there is no function or layer `rellu`
}

# in the generic check by the signature
layer Wrong[act: fn(x: f32[B, N]) -> f32[B]](x: f32[B, N]) -> f32[B, N] {
  act(x) # error E0301: the result of `Wrong` is f32[B, N], this is f32[B]
}
layer Many[act: fn(x: f32[..]) -> f32[..]](x: f32[B, N]) -> f32[B, N] {
  act(x, x) # error E0313: `act` takes 1 argument, 2 given
}
layer Bare[act: fn(x: f32[..]) -> f32[..]](x: f32[B, N]) -> f32[B, N] {
  x + act # error E0206: `act` is a function, and a value is wanted
}

# a pipe of layers is checked where it is written
model Pipe(x: f32[B, 8]) -> f32[B, 8] {
  let mlp = Dense[4] |> fold |> Dense[8] # error E0307: `x` of `fold` has 3 axes, this has 2
  mlp(x)
}
fn fold(x: f32[A, B, C]) -> f32[A, B] { sum[C](x) }
