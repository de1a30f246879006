model Net(x: f32[B, 4]) -> f32[B, 2] # error E0103: the `{` of this block is missing
  x |> Dense[2]
}
let a = 3
