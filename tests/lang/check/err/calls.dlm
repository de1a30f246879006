fn scaled[by: f32](x: f32[..]) -> f32[..] { by * x }
fn pick[flag: bool = false](x: f32[..]) -> f32[..] { if flag { x } else { -x } }
fn split[N](x: f32[T]) -> f32[N, T/N] given T % N == 0 { reshape[N, T/N](x) }
fn loop(x: f32[..]) { loop(x) }
fn bad[thing](x: f32) -> f32 { x }               # error E0319: a static parameter is a dimension

print(scaled(2.0))                               # error E0314: `scaled` needs `by` in brackets
print(scaled[1, 2](2.0))                         # error E0314: `scaled` takes 1 value in brackets
print(pick[3](2.0))                              # error E0314: `flag` is true or false
print(pick[flag=true, flag=false](2.0))          # error E0314: `flag` is given twice
print(scaled["x"](2.0))                          # error E0301: `by` is f32, this is string
print(split[4](zeros[10]))                       # error E0308: `split` needs `T % N == 0`
print(relu[3](1.0))                              # error E0314: `relu` takes nothing in brackets
print(f32(1, 2))                                 # error E0313: `f32(..)` converts one value
print(f32("x"))                                  # error E0301: `f32(..)` converts numbers
print(grad(zeros[3], 1))                         # error E0502: `grad` differentiates a scalar
print(exp(1, 2))                                 # error E0313: `exp` takes 1 argument, 2 given
assert(1)                                        # error E0316: `assert` takes a bool
assert_close(1, 2)                               # error E0313: `assert_close` takes 3 arguments
print(sgd(1, 2))                                 # error E0205: `sgd` is an optimizer
