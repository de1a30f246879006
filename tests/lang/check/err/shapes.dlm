layer Wrong[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[Out, In] ~ glorot
  x @ w                                          # error E0302: the inner dimensions of `@` differ: In against Out
}

layer Wide[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ glorot
  param b: f32[In] ~ zeros
  x @ w + b                                      # error E0303: the shapes of `+` differ: f32[B, Out] against f32[In]
}

fn result(x: f32[B, T]) -> f32[T, B] {
  x                                              # error E0301: the result of `result` is f32[T, B], this is f32[B, T]
}

fn rank(x: f32[B, T]) -> f32[B] { x }            # error E0301: the result of `rank` is f32[B], this is f32[B, T]

fn pair(a: f32[N], b: f32[N]) -> f32[N] { a + b }

fn axes(x: f32[B, T]) -> f32[B] { sum[3](x) }    # error E0306: f32[B, T] has no axis 3
fn named(x: f32[B, T]) -> f32[B] { sum[H](x) }   # error E0201: there is no dimension `H`
fn other[H](x: f32[B, T]) -> f32[B] { sum[H](x) } # error E0306: f32[B, T] has no axis H

let v = zeros[3]
let m = zeros[2, 4]
print(pair(v, zeros[4]))                         # error E0304: `b` of `pair` has another shape: axis 0 is 4, 3 is wanted
print(pair(m, m))                                # error E0307: `a` of `pair` has 1 axis, this has 2
print(pair(v))                                   # error E0313: `pair` takes 2 arguments, 1 given
print(pair(v, v, v))                             # error E0313: `pair` takes 2 arguments, 3 given
print(v + m)                                     # error E0303: the shapes of `+` differ: f32[3] against f32[2, 4]
print(zeros[5, 1] - zeros[5])                    # error E0303: the shapes of `-` differ: f32[5, 1] against f32[5]
print(m @ v)                                     # error E0302: the inner dimensions of `@` differ: 4 against 3
print(m @ 2.0)                                   # error E0307: `@` multiplies matrices and vectors
print(reshape[3, 3](m))                          # error E0317: a reshape keeps the number of elements
print(transpose(v))                              # error E0307: `transpose` swaps the last two axes
print(v[5])                                      # error E0309: index 5 lies outside an axis of size 3
print(v[-4])                                     # error E0309: index -4 lies outside an axis of size 3
print(v[0, 0])                                   # error E0307: 2 indexes for 1 axis
print(v[1..7])                                   # error E0309: index 7 lies outside an axis of size 3
print(v[2..1])                                   # error E0309: this range ends before it begins
print(v[1.5])                                    # error E0310: an index is a whole number
print(m[iota[5]])                                # error E0310: index[5] does not fit an axis of size 2
print(concat(v, m))                              # error E0303: the shapes of `concat` differ
print(stack(v, zeros[4]))                        # error E0303: the shapes of `stack` differ
print(einsum["ij,jk->ik"](m, m))                 # error E0322: letter `j` is both 4 and 2
print(einsum["ij->ik"](m))                       # error E0322: letter `k` of the result is in no operand
print(einsum["ijk->i"](m))                       # error E0322: f32[2, 4] has 2 axes, its letters are 3
print([1, [2, 3]])                               # error E0303: the rows of a tensor have one shape
print(zeros[-1])                                 # error E0311: a size is never negative
print(zeros[2.5])                                # error E0311: a size is wanted here
print(ones[7/2])                                 # error E0312: 2 does not divide 7
print(zeros[3/0])                                # error E0312: a size is divided by 0
print(zeros[10**18 * 100])                       # error E0318: this size is too large
layer Recurrent[H](x: f32[B, T, In]) -> f32[B, H] {
  param wx: f32[In, H] ~ glorot
  param wh: f32[H, H] ~ glorot
  var h = zeros[B, H]
  for xt in x along T { h = tanh(xt @ wx + wh @ h) } # error E0302: the inner dimensions of `@` differ: H against B
# fix: h @ wh
  h
}
fn turned(w: f32[O, I], x: f32[B, I]) -> f32[B, O] {
  w @ x # error E0302: the inner dimensions of `@` differ: I against B
# fix: w @ transpose(x)
}
print([1, 2, 3.0][-5..])                         # error E0309: index -5 lies outside an axis of size 3
fn before(x: f32[N], y: f32[M]) -> f32 { sum(x[N - M..]) + sum(y) }
print(before(ones[3], ones[2]), before(ones[3], ones[7])) # error E0309: index -4 lies outside an axis of size 3
fn cut(x: f32[N], y: f32[M]) -> f32 { sum(x[0..N - M]) + sum(y) }
print(cut(ones[5], ones[2]), cut(ones[2], ones[5])) # error E0309: this range ends before it begins
fn third(x: f32[N]) -> f32 given N/3 > 1 { sum(x) } # error E0312: 3 does not divide N, which is 8
print(third(ones[9]))
print(third(ones[8]))
fn last[K](x: f32[_]) -> f32[K] { x[-K..] }
print(last[3](ones[5]))
print(last[3](ones[2]))                          # error E0309: index -3 lies outside an axis of size 2
