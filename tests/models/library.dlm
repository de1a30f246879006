## The layers that keep a state, and the draws of the library.

dim C = 3

model Norm(x: f32[B, C]) -> f32[B, C] { x |> BatchNorm as norm }
model Twice(x: f32[B, C]) -> f32[B, C] {
  let norm = BatchNorm[momentum=0.5]
  norm(norm(x) + 1)
}

let x = [[1.0, 2, 3], [3, 2, 7]]

step see(x: f32[2, C]) -> f32[2, C] { Norm(x) }
step see_one(x: f32[1, C]) -> f32[1, C] { Norm(x) }
step see_frozen(x: f32[2, C]) -> f32[2, C] { Norm[training=false](x) }
step see_twice(x: f32[2, C]) -> f32[2, C] { Twice(x) }

let before = Norm(x)
let frozen = see_frozen(x)
let seen = see(x)
let after = Norm(x)
let mean_after = Norm.norm.mean
let variance_after = Norm.norm.variance
let one = see_one(x[0..1])
let variance_of_one = Norm.norm.variance
let twice = see_twice(x)
let q = orthogonal[5, 3, 4]
let wide = orthogonal[3, 8]
let cut = truncated_normal[500]
let picture = reshape[1, 1, 3, 3](iota[9] + 1)

test "a batch norm begins with mean 0 and variance 1" {
  assert_close(before, x / sqrt(1 + 1e-5), 1e-6)
  assert_close(frozen, before, 0)
}

test "in a step it normalises by its batch and moves the running statistics" {
  assert_close(seen, [[-1.0, 0, -1], [1, 0, 1]], 1e-4)
  assert_close(mean_after, [0.2, 0.2, 0.5], 1e-6)
  assert_close(variance_after, [1.1, 0.9, 1.7], 1e-6)
  assert_close(after, (x - mean_after) / sqrt(variance_after + 1e-5), 1e-6)
}

test "of a single example every feature is 0, and the running variance shrinks" {
  assert_close(one, zeros[1, C], 0)
  assert_close(variance_of_one, 0.9 * variance_after, 1e-6)
}

test "an instance called twice in a step moves its statistics in the order of the calls" {
  assert_close(twice, [[-1.0, 0, -1], [1, 0, 1]], 1e-4)
  assert_close(Twice.norm.mean, 0.5 * (0.5 * mean[0](x)) + 0.5, 1e-5)
}

test "an orthogonal draw has columns of length 1 at right angles, or rows" {
  let tall = reshape[15, 4](q)
  let unit: f32[4, 4] = transpose(tall) @ tall
  assert_close(unit, f32(iota[4][_, new] == iota[4]), 1e-5)
  assert_close(wide @ transpose(wide), f32(iota[3][_, new] == iota[3]), 1e-5)
}

test "a truncated normal reaches two standard deviations" {
  assert(max(abs(cut)) < 2.0001)
  assert(max(abs(cut)) > 1.8)
}

test "shifts and flips happen in training alone" {
  assert_close(random_shift[2](picture), picture, 0)
  assert_close(random_flip(picture), picture, 0)
  assert_close(random_flip[1, training=true](picture)[0, 0], [[3.0, 2, 1], [6, 5, 4], [9, 8, 7]], 0)
  assert_close(random_shift[0, training=true](picture), picture, 0)
}

test "position i of the newest sees itself and all before it" {
  assert_close(f32(causal_mask[2, 4]), [[1.0, 1, 1, 0], [1, 1, 1, 1]], 0)
}
