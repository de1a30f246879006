## Wrong uses of a model with several functions.

model Pair {
  let first = Dense[3]

  fn up(x: f32[B, 4]) -> f32[B, 3] { first(x) }
  fn twice(x: f32[B, 4]) -> f32[B, 3] { 2 * up(x) }
}

print(Pair.twice(ones[2, 4]))
print(Pair(ones[2, 4]))                   # error E0205: `Pair` has no inputs of its own: call one of its functions
print(Pair.upp(ones[2, 4]))               # error E0207: `Pair` has no `upp`
print(Pair.up(ones[4, 2]))                # error E0304: `x` of `up` has another shape: axis 1 is 2, 4 is wanted
print(Pair.up(ones[2, 4], ones[2, 4]))    # error E0313: `up` takes 1 argument, 2 given
print(up(ones[2, 4]))                     # error E0201: there is no function `up`
