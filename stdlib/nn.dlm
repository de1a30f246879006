## Layers and activations.

## x @ w + b over the last axis.
layer Dense[Out, bias: bool = true](x: f32[.., In]) -> f32[.., Out] {
  param w: f32[In, Out] ~ glorot
  if bias {
    param b: f32[Out] ~ zeros
    x @ w + b
  } else {
    x @ w
  }
}

## Slides `Out` kernels over pictures, a bias for each (LeCun et al. 1998); gives
## f32[B, Out, (H + 2*pad - kernel)//stride + 1, (W + 2*pad - kernel)//stride + 1].
layer Conv2d[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, bias: bool = true](x: f32[_, In, _, _]) {
  param w: f32[Out, In, kernel, kernel] ~ kernels
  let y = convolution[stride=stride, pad=pad](x, w)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new, new]
  } else {
    y
  }
}

## The transpose of Conv2d: every pixel lays down a weighted kernel, `stride` apart; `pad` is cut off the
## border. Gives f32[B, Out, (H - 1)*stride + kernel - 2*pad, (W - 1)*stride + kernel - 2*pad].
layer ConvTranspose2d[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, bias: bool = true](x: f32[_, In, _, _]) {
  param w: f32[In, Out, kernel, kernel] ~ kernels
  let turned = transpose[1, 0, 2, 3](reverse[2](reverse[3](w)))
  let y = convolution[spread=stride, pad=kernel - 1 - pad](x, turned)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new, new]
  } else {
    y
  }
}

## The largest element of each window; of equals the first gets the gradient. Gives
## f32[B, C, (H + 2*pad - n)//stride + 1, (W + 2*pad - n)//stride + 1].
fn max_pool[n: i64, stride: i64 = n, pad: i64 = 0](x: f32[..]) {
  window_max[kernel=n, stride=stride, pad=pad](x)
}

## The mean of each window, of the shape of max_pool's; what lies outside counts as 0.
fn avg_pool[n: i64, stride: i64 = n, pad: i64 = 0](x: f32[..]) {
  window_sum[kernel=n, stride=stride, pad=pad](x) / (n * n)
}

## max(x, 0)
fn relu(x: float[..]) -> float[..] { maximum(x, 0) }

## x where it is positive, slope * x elsewhere (Maas et al. 2013).
fn leaky_relu[slope: f32 = 0.01](x: f32[..]) -> f32[..] { where(x > 0, x, slope * x) }

## x * Phi(x) (Hendrycks and Gimpel 2016).
fn gelu(x: f32[..]) -> f32[..] { 0.5 * x * (1 + erf(x / sqrt(2))) }

## x * sigmoid(x) (Elfwing et al. 2017).
fn silu(x: f32[..]) -> f32[..] { x * sigmoid(x) }

## log(1 + exp(x)), without overflow.
fn softplus(x: f32[..]) -> f32[..] { maximum(x, 0) + log1p(exp(-abs(x))) }

## exp(x) divided by its sum along an axis.
fn softmax[a: axis = -1](x: f32[..S]) -> f32[..S] {
  let e = exp(x - detach(max[a, keep=true](x)))
  e / sum[a, keep=true](e)
}

## The logarithm of softmax.
fn log_softmax[a: axis = -1](x: f32[..S]) -> f32[..S] {
  let y = x - detach(max[a, keep=true](x))
  y - log(sum[a, keep=true](exp(y)))
}

## Zeroes elements with probability `rate` in training and scales the others up (Srivastava et al. 2014).
fn dropout[rate: f32](x: f32[..S]) -> f32[..S] {
  if training {
    where(uniform01[..S] < rate, 0, x / (1 - rate))
  } else {
    x
  }
}

## a where t is 0, b where it is 1.
fn lerp(a: float[..], b: float[..], t: float[..]) -> float[..] { a + t * (b - a) }

## x between low and high.
fn clip(x: float[..], low: float[..], high: float[..]) -> float[..] { minimum(maximum(x, low), high) }

## The root of the mean squared distance from the mean of all elements.
fn std(x: f32[..]) -> f32 { sqrt(mean((x - mean(x))**2)) }
