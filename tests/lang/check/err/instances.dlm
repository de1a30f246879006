## Mistakes that only a use shows: instances used twice, packs, recursion.

model Twice(x: f32[B, 4]) -> f32[B, 4] {
  let inner = Dense[4]
  let a = inner(x)
  inner(concat[1](a, a))                         # error E0320: the weight `w` of this instance is f32[4, 4] since its first use
}

fn against(x: f32[..S]) -> f32 { sum(x @ ones[3]) }
print(against(zeros[2, 4]))                      # error E0302: the inner dimensions of `@` differ: 4 against 3
print(against(zeros[2, 3]))

fn down[N](x: f32) -> f32 { if N == 0 { x } else { down[N - 1](x) * 2 } }
print(down[3](1.0))
fn forever[N](x: f32) -> f32 { forever[N + 1](x) }
print(forever[0](1.0))                           # error E0404: `forever` calls itself without end

let enc = Dense[3]
print(enc(zeros[2, 5]), enc(zeros[7, 5]))
print(enc(zeros[2, 6]))                          # error E0320: the weight `w` of this instance is f32[5, 3]
