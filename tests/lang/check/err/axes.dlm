let x = ones[2, 3]
let q = ones[3, 4]
let cube = ones[2, 3, 4]
print(sum[0, 0](x))                              # error E0306: `sum` names axis 0 of f32[2, 3] twice
print(sum[0, -2](x))                             # error E0306: `sum` names axis 0 of f32[2, 3] twice
print(sum[2](x))                                 # error E0306: f32[2, 3] has no axis 2
print(sum[axis=1](x))                            # error E0208: `sum` has no parameter `axis`
print(sort[keep=true](x))                        # error E0208: `sort` has no parameter `keep`
print(any(x))                                    # error E0305: `any` works on bool, this is f32[2, 3]
print(argmax[0, 1](x))                           # error E0306: `argmax` runs along one axis, these are 2
print(argmax(1.0))                               # error E0307: `argmax` runs along an axis, and this is a scalar
print(cumsum(1.0))                               # error E0307: `cumsum` runs along an axis, and this is a scalar
print(sort[0, 1](x))                             # error E0306: `sort` runs along one axis, these are 2
print(sort(x > 0))                               # error E0305: `sort` orders numbers, this is bool[2, 3]
print(argsort(ones[1, 1, 1, 1, 1, 1, 1, 2]))     # error E0307: `argsort` takes tensors of at most 7 axes
print(top_k(x))                                  # error E0314: `top_k[k](x)` takes its count in brackets
print(top_k[4](x))                               # error E0309: the 4 largest of an axis of size 3
print(einsum["ij, jk->ik"](x, q))                # error E0322: the letters of an einsum stand without blanks
print(einsum["ij,jk"](x, q))                     # error E0322: the letters have no `->`
print(einsum["ij,jk->ik"](x))                    # error E0322: the letters name 2 operands, 1 given
print(einsum["ij->ij"](x, q))                    # error E0322: the letters name 1 operand, 2 given
print(einsum["ij,ik->jk"](x, q))                 # error E0322: letter `i` is both 2 and 3
print(einsum["ijk->i"](x))                       # error E0322: f32[2, 3] has 2 axes, its letters are 3
print(einsum["ij->k"](x))                        # error E0322: letter `k` of the result is in no operand
print(einsum["ij->ii"](x))                       # error E0322: the result names the letter `i` twice
print(einsum["ii->i"](x))                        # error E0322: letter `i` is both 2 and 3
print(einsum["i1->i"](x))                        # error E0322: `1` is no letter
print(einsum["..j->j"](x))                       # error E0322: `.` is no letter
print(einsum[ij](x))                             # error E0322: `einsum` takes its letters in brackets
print(einsum["abc,def,ghi->adg"](cube, cube, cube)) # ok: nothing in between is too large
print(einsum["abc,def,ghi->abcdefghi"](cube, cube, cube)) # error E0322: the result has more than 8 axes at letter `i`
print(einsum["abc,def,ghi,abcdefghi->a"](cube, cube, cube, x)) # error E0322: f32[2, 3] has 2 axes, its letters are 9
print(cube @ cube)                               # error E0302: the inner dimensions of `@` differ: 4 against 3
print(ones[3, 2, 4] @ ones[2, 4, 5])             # error E0303: the shapes of `@` differ
print(concat[1](x, q))                           # error E0303: the shapes of `concat` differ
print(stack[1](x, q))                            # error E0303: the shapes of `stack` differ
let a, b = unstack[1](x)                         # error E0321: 2 names for 3 items
let c, d = 3                                     # error E0321: 2 names for 1 value
print(pad[1, lo=1](x))                           # error E0208: `pad` has no parameter `lo`
print(pad[1, low=-1](x))                         # error E0311: `pad` makes an axis longer; this is -1
print(pad[2, low=1](x))                          # error E0306: f32[2, 3] has no axis 2
print(pad[low=1](1.0))                           # error E0307: `pad` makes an axis longer, and this is a scalar
print(pad[0, low=1](x, [1.0]))                   # error E0307: `pad` puts one value, a scalar, around a tensor
print(where(x, 1, 2))                            # error E0305: `where` asks for a bool first
print(categorical(1.0))                          # error E0307
print(randint())                                 # error E0314: `randint[V, ..S]` takes its bound first
let narrow: u8 = x[0, 0]                         # error E0305: u8 is wanted, this is f32
print(a, b, c, d, narrow)
fn generic(x: f32[B, ..S], y: f32[B]) -> f32 {
  sum(sum[..S](x)) + sum(sum[..S](y))            # error E0306: f32[B] does not have the axes of `..S`
}
