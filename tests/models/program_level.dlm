## What the program level does that a step does too: layers in training, functions over instances of the program, sums of nothing.

layer Centred(x: f32[N, C]) -> f32[N, C] {
  state middle: f32[C] ~ zeros
  if training { middle = lerp(middle, mean[N](x), 0.5) }
  x - middle
}

let centred = Centred
let doubled = Dense[4]
let two = doubled(ones[1, 2])

# `four` reads the program through `twice`
fn four(x: f32[N, 2]) -> f32[N, 4] { 2 * twice(x) }
fn twice(x: f32[N, 2]) -> f32[N, 4] { 2 * doubled(x) }

let moved = centred[training=true](ones[3, 2])
let before = centred.middle
let again = centred[training=true](ones[3, 2])
let still = centred(ones[3, 2])

test "in training a layer changes its states at program level" {
  assert_close(moved, full[3, 2](0.5), 0)
  assert_close(before, [0.5, 0.5], 0)
  assert_close(again, full[3, 2](0.25), 0)
  assert_close(centred.middle, [0.75, 0.75], 0)
  assert_close(still, again, 0)
}

test "a function sees an instance through another function" {
  assert_close(four(ones[1, 2]), 4 * two, 1e-6)
}

test "a sum of nothing is 0, not -0" {
  assert(1 / sum(zeros[0, 3]) > 0)
  assert_close(1 / sum[1](zeros[2, 0]), full[2](inf), 0)
  assert_close(1 / sum[0](zeros[0, 2]), full[2](inf), 0)
}
