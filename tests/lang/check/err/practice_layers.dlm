## Mistakes in layers and calls.

# the weight the other way round
layer Transposed[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[Out, In] ~ glorot
  # error E0302: the inner dimensions of `@` differ: In against Out
  # fix: the other way round they fit: x @ transpose(w)
  x @ w
}

# the weight in front, as in mathematics
layer InFront[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ glorot
  # error E0302: the inner dimensions of `@` differ: Out against B
  # fix: in the other order they fit: x @ w
  w @ x
}

# a bias of the inputs' size
layer WrongBias[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ glorot
  param b: f32[In] ~ zeros
  # error E0303: the shapes of `+` differ: f32[B, Out] against f32[In]
  # label: the last axis is Out against In
  x @ w + b
}

# a column as a bias
layer Column[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ glorot
  param b: f32[Out, 1] ~ zeros
  # error E0303: the shapes of `+` differ: f32[B, Out] against f32[Out, 1]
  # label: the last axis is Out against 1
  # fix: drop the axis of size 1: x @ w + b[.., 0]
  x @ w + b
}

# the result has the size of the inputs
layer Same[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, In] ~ glorot
  # error E0301: the result of `Same` is f32[B, Out], this is f32[B, In]
  # label: axis 1 is In instead of Out
  x @ w
}

# an instance used for two sizes
model Twice(x: f32[B, 64]) -> f32[B, 10] {
  let proj = Dense[64]
  let head = Dense[10]
  # error E0320: the weight `w` of this instance is f32[64, 10] since its first use, this use makes it f32[10, 10]
  # fix: use a second instance: Dense[10]
  x |> proj |> head |> head
}

# an encoder and a decoder that do not meet
model Auto(x: f32[B, 784]) -> f32[B, 784] {
  let code = x |> Dense[128] |> relu |> Dense[32]
  # error E0304: `z` of `decode` has another shape: axis 1 is 32, 16 is wanted
  # label: needs f32[B, 16]
  code |> decode
}

fn decode(z: f32[B, 16]) -> f32[B, 784] { zeros[B, 784] }

# numbers in parentheses that belong in brackets
# error E0313: `Dense` takes 1 argument, 2 given
# fix: what configures stands in brackets: Dense[10]
model Parentheses(x: f32[B, 10]) -> f32[B, 10] { x |> Dense(10) }
model Missing(x: f32[B, 10]) -> f32[B, 10] { x |> Dense }
# error E0314: `Dense` takes 2 values in brackets
model TooMany(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[10, 20, 30] }
# error E0208: `Dense` has no parameter `out`
# fix: did you mean `Out`?
model Spelled(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[out=10] }
# error E0201: there is no function `dense`
# fix: did you mean `Dense`?
model Lower(x: f32[B, 10]) -> f32[B, 10] { x |> dense[10] }
# error E0201: there is no layer `Relu`
# fix: did you mean `relu`?
model Activation(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[10] |> Relu }
# error E0311: a size is wanted here: a whole number or an expression over dimensions
model Fraction(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[10.5] }
# error E0311: a size is never negative; this is -10
model Negative(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[-10] }
# error E0311: a size is wanted here: a whole number or an expression over dimensions
model FromValue(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[sum(x)] }

# new weights at every call
# error E0405: `Dense` would make new weights here, at every call
# fix: make it outside: `let dense = Dense[...]`
fn helper(x: f32[B, 10]) -> f32[B, 10] { x |> Dense[10] }

# a layer that is never called
model Unused(x: f32[B, 10]) -> f32[B, 10] {
  # error E0204: `extra` is never used
  # fix: leave it out
  let extra = Dense[10]
  x |> Dense[10]
}

# what was computed is thrown away
model Dropped(x: f32[B, 10]) -> f32[B, 10] {
  # error E0204: this value is never used
  # label: f32[B, 10]
  # fix: leave it out, or write `let _ = ...`
  relu(x)
  x |> Dense[10]
}

# a name that is not there yet
model Early(x: f32[B, 10]) -> f32[B, 10] {
  # error E0201: there is no name `h`
  let y = h + 1
  let h = x |> Dense[10]
  y + h
}

# two results where one is wanted
fn pair(x: f32[N]) -> (f32[N], f32[N]) { (x, -x) }
# error E0301: `x` of `relu` is a tensor, this is (f32[N], f32[N])
fn takes_one(x: f32[N]) -> f32[N] { relu(pair(x)) }
fn takes_three(x: f32[N]) -> f32[N] {
  # error E0321: 3 names for 2 items: this is (f32[N], f32[N])
  let a, b, c = pair(x)
  a + b + c
}

# no value at the end
fn nothing(x: f32[N]) -> f32[N] {
  let y = 2 * x
  # error E0301: the result of `nothing` is f32[N], this is nothing
  print(y)
}

fn assigned(x: f32[N]) -> f32[N] {
  let y = x
  # error E0402: `y` cannot change
  # fix: declare it with `var`
  y = 2 * y
  y
}

# branches of two shapes
fn branches(x: f32[B, N], flag: bool) -> f32[B] {
  # error E0315: the branches have different types: f32[B] and f32[B, N]
  if flag { x[_, 0] } else { x }
}

fn condition(x: f32[N]) -> f32[N] {
  # error E0316: a condition is one bool, this is bool[N]
  # fix: where(c, a, b) chooses element by element
  if x > 0 { x } else { -x }
}

fn number(x: f32[N], n: i64) -> f32[N] {
  # error E0316: a condition is one bool, this is i64
  # fix: compare: x != 0
  if n { x } else { -x }
}
