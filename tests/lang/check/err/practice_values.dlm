## Mistakes with sizes, indexes and numbers.

dim H = 8

let v = zeros[3]
let m = zeros[2, 4]
let c = zeros[5, 1]

# error E0303: the shapes of `-` differ: f32[5, 1] against f32[5]
# label: the last axis is 1 against 5
# fix: drop the axis of size 1: c[.., 0] - zeros[5]
print(c - zeros[5])
# error E0303: the shapes of `+` differ: f32[5, 1] against f32[5, 4]
# label: the last axis is 1 against 4
# fix: an axis that stretches in place of the 1: c[.., 0, new] + zeros[5, 4]
print(c + zeros[5, 4])
# error E0303: the shapes of `-` differ: f32[2, 4] against f32[2]
# label: the last axis is 4 against 2
# fix: an axis that stretches: m - mean[1](m)[.., new]
print(m - mean[1](m))
# error E0303: the shapes of `*` differ: f32[2, 4] against f32[2]
# label: the last axis is 4 against 2
# fix: an axis that stretches: m * zeros[2][.., new]
print(m * zeros[2])
# error E0303: the shapes of `+` differ: f32[2, 4] against f32[4, 2]
# label: the last axis is 4 against 2
# fix: in the other order they fit: m + m
print(m + transpose(m))
# error E0302: the inner dimensions of `@` differ: 4 against 2
# fix: the other way round they fit: m @ transpose(zeros[2, 4])
print(m @ zeros[2, 4])
# error E0302: the inner dimensions of `@` differ: 2 against 3
# fix: in the other order they fit: zeros[3, 4] @ zeros[4, 2]
print(zeros[4, 2] @ zeros[3, 4])
# error E0302: the inner dimensions of `@` differ: 4 against 2
# fix: the other way round they fit: m @ transpose(m)
print(m @ m @ m)
# error E0317: a reshape keeps the number of elements: f32[2, 4] has 8, f32[8, 2] has 16
print(reshape[8, 2](m))
# error E0317: a reshape keeps the number of elements: f32[2, 4] has 8, f32[3, 4] has 12
print(reshape[3, 4](m))
# error E0303: the shapes of `concat` differ: f32[3] against f32[2, 4]
print(concat(v, m))
# error E0303: the shapes of `concat` differ: f32[2, 4] against f32[3, 4]
# label: axis 0 is 2 against 3
# fix: join along axis 0: concat[0](...)
print(concat[1](m, zeros[3, 4]))
# error E0303: the shapes of `stack` differ: f32[3] against f32[4]
# label: axis 0 is 3 against 4
print(stack(v, zeros[4]))
# error E0309: index 2 lies outside an axis of size 2
print(m[2])
# error E0309: index 4 lies outside an axis of size 4
print(m[0, 4])
# error E0307: 3 indexes for 2 axes
# label: this is f32[2, 4]
print(m[0, 0, 0])
# error E0309: index 6 lies outside an axis of size 4
print(m[_, 1..6])
# error E0310: an index is a whole number or a tensor of indexes, this is f32
# fix: index[2](...) converts and checks
print(m[1.0])
# error E0310: an index is a whole number or a tensor of indexes, this is f32[3]
# fix: index[3](...) converts and checks
print(v[v])
# error E0306: f32[2, 4] has no axis 2
print(sum[2](m))
# error E0306: f32[2, 4] has no axis H
print(sum[H](m))
# error E0306: f32[2, 4] has no axis 3
print(softmax[3](m))
# error E0306: `max` names axis 0 of f32[2, 4] twice
print(max[0, 0](m))
# error E0305: `where` asks for a bool first, this is f32[3]
print(where(v, v, v))
# error E0303: the shapes of `where` differ: f32[3] against f32[4]
# label: the last axis is 3 against 4
print(where(v > 0, v, zeros[4]))
# error E0305: `not` works on bool, this is f32[3]
# fix: compare: x != 0
print(not v)
# error E0305: `and` works on bool, this is f32[3]
# fix: compare: x != 0
print(v and v)
# error E0303: the shapes of `==` differ: f32[3] against f32[2, 4]
# label: the last axis is 3 against 4
print(v == m)
# error E0301: `+` works on tensors, this is string
print("a" + 1)
# error E0301: `negate` works on tensors, this is string
print(-"a")
# error E0312: 3 does not divide H, which is 8
# fix: `//` rounds down
print(zeros[H, H/3])
print(zeros[H, H//3])
# error E0311: a size is wanted here: a whole number or an expression over dimensions
print(zeros["a"])
# error E0201: there is no function `one_hott`
print(one_hott(v))
# error E0207: f32[3] has no fields
print(v.shape)
# error E0603: the data set `digits` has no part or field `image`
print(digits.image)
print(iota[3] + 0.5)
# error E0307: `iota[N]` counts along one axis
print(iota)
print(zeros)
# error E0207: f32[2, 4] has no fields
print(m.transpose())
# error E0201: there is no function `len`
print(len(m))
# error E0207: i64 has no fields
print(H.size)
# error E0313: `sqrt` takes 1 argument, 2 given
print(sqrt(m, m))
# error E0310: 7 is no index[5]
print(index[5](7))
# error E0201: there is no function `f33`
print(f33(m))
# error E0205: this is i64, which cannot be called
print(3(m))
# error E0301: `+` works on tensors, this is (f32[3], f32[2, 4])
print((v, m) + 1)
# error E0303: the rows of a tensor have one shape: i64[2] against i64[1]
print([[1, 2], [3]])
# error E0201: there is no function `linspace`
print(linspace(0, 1))
