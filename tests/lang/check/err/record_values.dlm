## Mistakes with records of weights.

layer Small(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] }
layer Sized[N](x: f32[B, 4]) -> f32[B, N] { x |> Dense[N] as out }
model Large(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[8] |> tanh |> Dense[2] }
let a = Small
let b = Small
let narrow = Sized[2]
let wide = Sized[3]
let open = Dense[3]

print(total(a + Large))                          # error E0330: `+`: records of different layers, `Small` and `Large`
print(total(lerp(Large, a, 0.1)))                # error E0330: `lerp`: records of different layers, `Large` and `Small`
a = Large                                        # error E0330: `a`: records of different layers
wide = narrow                                    # error E0330: `wide`: records of different layers
print(total(narrow - wide))                      # error E0330: records of different layers
a = 0.5                                          # error E0301: `a` is a record of weights (`Small`), this is f32
a.dense_1 = Large                                # error E0330: records of different layers, `Dense` and `Large`
a.dense_1.w = a                                  # error E0301: `w` is f32[4, 2], this is Small
print(total(a * [1.0, 2.0]))                     # error E0331: `*`: a record of weights (`Small`) goes with records of its layer
print(total(clip(a, zeros[2], 1)))               # error E0331: `clip`: a record of weights
print(sum(a))                                    # error E0301: `sum` works on tensors, this is Small
print(a @ b)                                     # error E0301: `@` works on tensors
print(softmax(a))                                # error E0301: `x` of `softmax` is a tensor, this is Small
print(total(ones[3]))                            # error E0301: `total` works on a record of weights, this is f32[3]
print(total(a, b))                               # error E0313: `total` takes 1 argument, 2 given
print(flat(2.0))                                 # error E0301: `flat` works on a record of weights
print(total(like(a, ones[3])))                   # error E0301: the vector of all weights is f32[10], this is f32[3]
print(total(open))                               # error E0332: the weights of this `Dense` are not known here
print(open.w)                                    # error E0332: their sizes follow from its first call
print(a.dense_1.v)                               # error E0207: `Dense` has no `v`
print((a > 0)(ones[1, 4]))                       # error E0205: this record has not the weights of a layer

let copy = a
copy.dense_1.b = zeros                           # error E0402: the record `copy` cannot change
fn change(x: f32[B, 4]) -> f32[B, 2] {
  Large.dense_1.b = zeros                        # error E0402: weights change in steps and at program level only
  Large = Large                                  # error E0402: weights change in steps and at program level only
  Large(x)
}
print(change(ones[1, 4]))
var outside = a
step inside(x: f32[2, 4]) -> f32 {
  outside.dense_1.b = zeros                      # error E0450: `outside` is a `var` of the program
  sum(a(x))
}
outside = b
print(inside(ones[2, 4]), total(outside))
