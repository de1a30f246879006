dim N = 4
let x = zeros[N, 3]
var y = zeros[N, 3]
var n = 0
let ids = randint[5, 2]

print(x[4])                                      # error E0309: index 4 lies outside an axis of size 4
print(x[_, 0..4])                                # error E0309: index 4 lies outside an axis of size 3
print(x[ids])                                    # error E0310: index[5] does not fit an axis of size 4
print(x[[0, 4]])                                 # error E0310: 4 is no index[4]
print(x[[-1]])                                   # error E0310: -1 is no index[4]
print(x[x > 0])                                  # error E0342: a tensor is not indexed by bools, this is bool[4, 3]
print(x[1.0])                                    # error E0310: an index is a whole number
print(x[0, 0, 0])                                # error E0307: 3 indexes for 2 axes
print(x[n..4])                                   # error E0309: the length of this range is not known when compiling
print(x[n..n + n])                               # error E0309: the length of this range is not known when compiling
print(x[n..n + 9])                               # error E0309: a range of 9 in an axis of size 4
print(x[n..n - 1])                               # error E0309: this range ends before it begins
print(x[x[0, 0]..x[0, 0] + 2])                   # error E0310: a range begins at one whole number, this is f32
print(x[iota[2], iota[3]])                       # error E0303: the shapes of `[]` differ
print(x[new..S])                                 # error E0306: `new..` needs the name of a pack

fn rigid(t: f32[V, E], i: index[W][B]) -> f32[B, E] {
  t[i]                                           # error E0310: index[W] does not fit an axis of size V
}
fn past(t: f32[V]) -> f32[V] {
  for i in 0..V { yield t[i + 1] }               # error E0310: index[V + 1] does not fit an axis of size V
}
fn result(i: index[A]) -> index[A] { i + 1 }     # error E0310: an index[A + 1] is 0 to A, index[A] is wanted
fn product(i: index[A]) -> index[2*A] { i * 2 }  # error E0310: index[2*A] is wanted, this is i64

x[0] = 1                                         # error E0402: `x` cannot change
y[4] = 1                                         # error E0309: index 4 lies outside an axis of size 4
y[0] = zeros[4]                                  # error E0301: this part is f32[3], what is written is f32[4]
y[0] = zeros[1, 3]                               # error E0301: this part is f32[3], what is written is f32[1, 3]
y[_, new] = 1                                    # error E0402: a part that is written has no `new` axis
y[0][1] = 1                                      # error E0402: a part is written of a name or a path
y[0] = "a"                                       # error E0301: this part is f32[3], what is written is string
n[0] = 1                                         # error E0307: 1 index for 0 axes
y[y > 0] = 0                                     # error E0342: a tensor is not indexed by bools
z[0] = 1                                         # error E0201: there is no variable `z`
y[0], n = (zeros[4], 3)                          # error E0301: this part is f32[3], what is written is f32[4]
y[0], n = (zeros[3], 3, 4)                       # error E0321: 2 names for this
fn of_two(i: index[2][B]) -> index[2][B] { i }
print(of_two([0, 2]))                            # error E0310: 2 is no index[2]
var label: index[5][3] = zeros
label[0] = 5                                     # error E0310: 5 is no index[5]
label[0] = n                                     # error E0310: index[5] is wanted, this is i64

layer Kept(x: f32[B]) -> f32[B] {
  state last: f32[3] ~ zeros
  last[0] = 1                                    # error E0402: a state of a layer changes only inside `if training { }`
  x + last[0]
}

model Net(x: f32[B, 3]) -> f32[B, 2] { x |> Dense[2] as head }
fn inside() -> f32 {
  Net.head.w[0] = 1                              # error E0402: weights change in steps and at program level only
  1.0
}
print(inside(), y, label, n)
