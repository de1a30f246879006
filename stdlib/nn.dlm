## Activations and layers.  Every one may be copied into a program and changed there.

## max(x, 0).
fn relu(x: float[..]) -> float[..] { maximum(x, 0) }

## x where positive, slope * x elsewhere (Maas, Hannun and Ng 2013).
fn leaky_relu[slope: f32 = 0.01](x: f32[..]) -> f32[..] { where(x > 0, x, slope * x) }

## x times the share of a normal distribution below x (Hendrycks and Gimpel 2016).
fn gelu(x: f32[..]) -> f32[..] { 0.5 * x * (1 + erf(x / sqrt(2))) }

## log(1 + exp(x)), without overflow.
fn softplus(x: f32[..]) -> f32[..] { maximum(x, 0) + log1p(exp(-abs(x))) }

## exp(x) over its sum along an axis, the last by default; the largest is taken off first, so nothing overflows.
fn softmax[a: axis = -1](x: f32[..]) -> f32[..] {
  let e = exp(x - detach(max[a, keep=true](x)))
  e / sum[a, keep=true](e)
}

## The logarithm of softmax, from logits.
fn log_softmax[a: axis = -1](x: f32[..]) -> f32[..] {
  let shifted = x - detach(max[a, keep=true](x))
  shifted - log(sum[a, keep=true](exp(shifted)))
}

## x @ w + b over the last axis.
layer Dense[Out, bias: bool = true](x: f32[.., In]) -> f32[.., Out] {
  param w: f32[In, Out] ~ glorot
  let y = x @ w
  if bias {
    param b: f32[Out] ~ zeros
    y + b
  } else {
    y
  }
}

## In training each value is dropped with the given probability and the others grow to make up for it
## (Srivastava et al. 2014); otherwise x itself.
fn dropout[rate: f32](x: f32[..S]) -> f32[..S] {
  if training { where(uniform01[..S] < rate, 0, x / (1 - rate)) } else { x }
}
