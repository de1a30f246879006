fn free(x: f32[N, M]) -> f32[N, M] {
  param w: f32[M] ~ zeros                        # error E0401: a `param` belongs to a layer or model
  x * w
}
fn maker(x: f32[N, M]) -> f32[N, 3] {
  x |> Dense[3]                                  # error E0405: `Dense` would make new weights here
}
layer Looping(x: f32[N, M]) -> f32[N, M] {
  var h = x
  for _ in 0..3 { h = h |> Dense[M] }            # error E0405: `Dense` would make new weights in every turn
  h
}
layer Loud(x: f32[B, 2]) -> f32[B, 2] {
  print(x)                                       # error E0401: `print` belongs to the program
  x
}
fn constant(x: f32) -> f32 {
  let a = x
  a = 2.0                                        # error E0402: `a` cannot change
  a
}
layer Norm(x: f32[B, C]) -> f32[B, C] {
  state mean: f32[C] ~ zeros
  mean = x[0]                                    # error E0402: a state of a layer changes only inside `if training { }`
  x - mean
}
fn trains(x: f32) -> f32 {
  minimize x using sgd[lr=0.1]                   # error E0401: `minimize` changes weights
  x
}
fn tells(x: f32) -> f32 {
  report y = x                                   # error E0401: `report` stands in a `step` or `validate`
  x
}
layer NoValue(x: f32[B, C]) -> f32[B, C] {
  param w: f32[C]                                # error E0403: `w` has no first value
  x * w
}
break                                            # error E0401: `break` stands outside a loop
yield 1                                          # error E0401: `yield` stands only in a `for`
validate (x) { report y = 1.0 }                  # error E0401: `validate` stands in a `train` block
if true { dim Inner = 3 }                        # error E0401: a declaration stands at top level
unknown = 3                                      # error E0201: there is no variable `unknown`
