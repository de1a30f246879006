## Mistakes that people make with pictures, and the messages that they get.

# the size behind the last pooling was guessed
model Guessed(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  let h = x |> Conv2d[8, kernel=5] |> max_pool[2] |> Conv2d[16, kernel=5] |> max_pool[2]
  # error E0317: a reshape keeps the number of elements: f32[B, 16, 4, 4] has 256*B, f32[B, 400] has 400*B
  # label: axis 1 would be 256
  # fix: `flatten` finds the size: flatten
  h |> reshape[B, 16 * 5 * 5] |> Dense[10]
}

# channels last, as image libraries have them
model Last(x: f32[B, 28, 28, 3]) -> f32[B, 10] {
  # error E0304: `x` of `first_channel` has another shape: axis 1 is 28, 3 is wanted
  # label: needs f32[B, 3, 28, 28]
  # fix: in the other order they fit: transpose[0, 3, 1, 2](x)
  x |> first_channel |> flatten |> Dense[10]
}

fn first_channel(x: f32[B, 3, 28, 28]) -> f32[B, 28, 28] { x[_, 0] }

# a single picture where a batch is wanted
# error E0307: `x` of `first_channel` has 4 axes, this has 3
# label: this is f32[3, 28, 28]
# fix: one alone is a batch of one: x[new]
fn one(x: f32[3, 28, 28]) -> f32[28, 28] { first_channel(x)[0] }

# a batch where a single picture is wanted
fn center(x: f32[28, 28]) -> f32 { x[14, 14] }
# error E0307: `x` of `center` has 2 axes, this has 3
# label: this is f32[B, 28, 28]
fn centers(x: f32[B, 28, 28]) -> f32 { center(x) }

# the kernel is larger than what it slides over
model Large(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  # error E0323: kernel 31 is larger than the padded height 28
  x |> Conv2d[8, kernel=31] |> flatten |> Dense[10]
}

# pooled away
model Pooled(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  # error E0323: kernel 4 is larger than the padded height 1
  x |> max_pool[4] |> max_pool[4] |> max_pool[4] |> flatten |> Dense[10]
}

# a residual branch that changed the number of channels
layer Residual[C](x: f32[B, In, H, W]) -> f32[B, C, H, W] {
  # error E0304: `b` of `add` does not go with what is before it: `..S` is [B, C, H, W] there and [B, In, H, W] here
  # label: this is f32[B, In, H, W]
  x |> Conv2d[C, kernel=3, pad=1] |> add(x)
}

fn add(a: f32[..S], b: f32[..S]) -> f32[..S] { a + b }

layer Residual2[C](x: f32[B, In, H, W]) -> f32[B, C, H, W] {
  let y = x |> Conv2d[C, kernel=3, pad=1]
  # error E0303: the shapes of `+` differ: f32[B, In, H, W] against f32[B, C, H, W]
  # label: axis 1 is In against C
  x + y
}

# without padding the picture becomes smaller
layer Shrinks(x: f32[B, C, 32, 32]) -> f32[B, C, 32, 32] {
  # error E0303: the shapes of `+` differ: f32[B, C, 32, 32] against f32[B, C, 30, 30]
  # label: the last axis is 32 against 30
  x + (x |> Conv2d[C, kernel=3])
}

# a bias per channel needs axes behind it
layer Bias(x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  param b: f32[C] ~ zeros
  # error E0303: the shapes of `+` differ: f32[B, C, H, W] against f32[C]
  # label: the last axis is W against C
  # fix: axes that stretch: x + b[.., new, new]
  x + b
}

# the mean of each picture, taken from it
# error E0303: the shapes of `-` differ: f32[B, H, W] against f32[B]
# label: the last axis is W against B
# fix: axes that stretch: x - mean[H, W](x)[.., new, new]
fn centered(x: f32[B, H, W]) -> f32[B, H, W] { x - mean[H, W](x) }

# the mean of each channel over batch and space, used as it is
fn normalized(x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  # error E0303: the shapes of `-` differ: f32[B, C, H, W] against f32[C]
  # label: the last axis is W against C
  # fix: axes that stretch: x - mean[B, H, W](x)[.., new, new]
  x - mean[B, H, W](x)
}

# odd sizes into a halving
fn halves(x: f32[B, H, W]) -> f32[B, H/2, W/2] { x[_, 0..H/2, 0..W/2] }
# error E0312: 2 does not divide H, which is 7
# fix: `//` rounds down
print(halves(zeros[2, 7, 8]))

# joined along the wrong axis
# error E0303: the shapes of `concat` differ: f32[B, C, H, W] against f32[B, D, H, W]
# label: axis 1 is C against D
# fix: join along axis 1: concat[1](...)
fn joined(a: f32[B, C, H, W], b: f32[B, D, H, W]) -> f32[B, C + D, H, W] { concat[0](a, b) }
fn joined_right(a: f32[B, C, H, W], b: f32[B, D, H, W]) -> f32[B, C + D, H, W] { concat[1](a, b) }
# error E0301: the result of `joined_sum` is f32[B, C*D, H, W], this is f32[B, C + D, H, W]
# label: axis 1 is C + D instead of C*D
fn joined_sum(a: f32[B, C, H, W], b: f32[B, D, H, W]) -> f32[B, C * D, H, W] { concat[1](a, b) }

# the product behind a flatten counted wrongly
# error E0301: the result of `flat` is f32[B, 250], this is f32[B, 256]
# label: axis 1 is 256 instead of 250
fn flat(x: f32[B, 16, 4, 4]) -> f32[B, 250] { flatten(x) }

# flatten joins the batch too when it is written as a reshape
# error E0301: the result of `all_flat` is f32[B, 256], this is f32[256*B]
# label: 1 axis instead of 2
fn all_flat(x: f32[B, 16, 4, 4]) -> f32[B, 256] { reshape[B * 256](x) }

# grey pictures without their channel axis
model Grey(x: f32[B, 28, 28]) -> f32[B, 10] {
  # error E0307: `x` of `Conv2d` has 4 axes, this has 3
  # label: needs f32[_, In, _, _]
  # fix: an axis of size 1 behind the first: x[_, new]
  x |> Conv2d[8, kernel=3] |> flatten |> Dense[10]
}
