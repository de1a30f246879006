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
