## Functions of one model: they share its weights and call each other.

model Pair {
  let first = Dense[3]

  fn both(x: f32[B, 4]) -> (f32[B, 3], f32[B, 3]) {
    (up(x), 2 * up(x))
  }

  fn up(x: f32[B, 4]) -> f32[B, 3] { first(x) }
}

test "values" {
  let x = ones[2, 4]
  let a, b = Pair.both(x)
  assert_close(a, Pair.up(x), 1e-6)
  assert_close(b, 2 * a, 1e-6)
  assert_close(a, x @ Pair.first.w + Pair.first.b, 1e-6)
  assert(max(abs(a)) > 0)
}
