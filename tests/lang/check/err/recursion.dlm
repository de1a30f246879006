## Calls without end: through branches, through the statements of a model, and too deep for the machine.

fn doubled[n: i64](x: f32[3]) -> f32[3] { doubled[2 * n](x) + doubled[2 * n + 1](x) }
# error E0404: `doubled` calls itself without end
print(doubled[1](ones[3]))            # error E0318: this size is too large

fn tree[n: i64](x: f32[3]) -> f32[3] { tree[n + 1](x) + tree[n + 2](x) }
print(tree[1](ones[3]))               # error E0404: `tree` calls itself without end
print(tree[2](ones[3]))

model Pair {
  let first = Dense[3]
  print(Pair.up(ones[2, 4]))          # error E0401: `print` belongs to the program
  fn up(x: f32[B, 4]) -> f32[B, 3] { first(x) }
}
print(Pair.up(ones[2, 4]))

model Self {
  let first = Dense[3]
  let start = Self.up(ones[2, 4])
  fn up(x: f32[B, 4]) -> f32[B, 3] { first(x) }
}
print(Self.up(ones[2, 4]))            # error E0404: `up` is called by what makes its own `Self`

fn steep[n: i64](x: f32[3]) -> f32[3] { -(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(steep[n + 1](x))))))))))))))))))))))))))))))))))))))))) }
print(steep[1](ones[3]))              # error E0102: calls are nested too deeply here: 1500 expressions in each other
