## A convolutional net whose weights begin as a formula and whose batches come in the order of the data, so that
## another program can compute the same losses: tests/oracle/conv_digits.py.

## A number between -0.5 and 0.5 for the i-th element that looks random.
fn pattern[..S] -> f32[..S] { f32((reshape[..S](iota[prod(S)]) * 37 + 11) % 101) / 101 - 0.5 }

layer Conv[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, groups: i64 = 1](x: f32[_, In, _, _]) {
  param w: f32[Out, In/groups, kernel, kernel] ~ pattern
  param b: f32[Out]                            ~ zeros
  convolution[stride=stride, pad=pad, groups=groups](x, w) + b[_, new, new]
}

layer Head[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ pattern
  param b: f32[Out]     ~ zeros
  x @ w + b
}

fn pixels(image: f32[B, 8, 8]) -> f32[B, 1, 8, 8] { reshape[B, 1, 8, 8](image) / 16 }

model Net(x: f32[B, 1, 8, 8]) -> f32[B, 10] {
  x |> Conv[6, kernel=3, pad=1] |> relu |> max_pool[3, stride=2, pad=1]
    |> Conv[8, kernel=3, stride=2, pad=1, groups=2] |> relu |> avg_pool[2, stride=1] |> flatten |> Head[10]
}

train Net on digits.train {
  batch = 32; shuffle = false; epochs = 2

  step (image, label) {
    minimize mean(cross_entropy(Net(pixels(image)), label)) using sgd[lr=1.0]
  }
}
