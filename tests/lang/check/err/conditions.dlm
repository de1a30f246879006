data d { a: f32 from csv("no.csv") }
fn pairs(x: f32[T]) -> f32[T/2, 2] given T % 2 == 0 { reshape[T/2, 2](x) }
print(pairs(d.a))
print(pairs(ones[5]))                                  # error E0308: `pairs` needs `T % 2 == 0`
step two(x: f32[N], y: f32[M]) -> f32 given N > M and M >= 2 { sum(x) + sum(y) }
print(two(ones[3], ones[2]), two(d.a, ones[2]))
print(two(ones[2], ones[2]))                           # error E0308: `two` needs `N > M and M >= 2`
print(two(d.a, ones[1]))                               # error E0308: `two` needs `N > M and M >= 2`
step never(x: f32[N]) -> f32 given N < 0 { sum(x) }    # error E0308: `N < 0` is false whatever the step is given
print(never(ones[2]))
fn choose[big: bool](x: f32[_]) -> f32 { if big { sum(x) } else { 0 } }
fn sized(x: f32[N]) -> f32 { choose[big=N > 4](x) }
print(sized(ones[9]))
print(sized(d.a))                                      # error E0314: `big` is true or false, known when compiling
fn either(x: f32[N]) -> f32 { if N > 4 { sum(x) } else { "none" } }
print(either(d.a))                                     # error E0315: the branches have different types: f32 and string
step decides(x: f32[N]) -> f32[N] { if N % 2 == 0 { x } else { x[0] } } # error E0315: the branches have different types
