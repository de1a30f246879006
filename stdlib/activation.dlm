## Activations, element by element, and softmax along an axis.

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

## x where it is positive, alpha * (exp(x) - 1) elsewhere (Clevert et al. 2015).
fn elu[alpha: f32 = 1.0](x: f32[..]) -> f32[..] { where(x > 0, x, alpha * expm1(minimum(x, 0))) }

## elu scaled so that layers keep mean 0 and variance 1 (Klambauer et al. 2017).
fn selu(x: f32[..]) -> f32[..] { 1.0507009873554805 * elu[1.6732632423543772](x) }

## x * tanh(softplus(x)) (Misra 2019).
fn mish(x: f32[..]) -> f32[..] { x * tanh(softplus(x)) }

## max(x, 0), at most 6 (Howard et al. 2017).
fn relu6(x: f32[..]) -> f32[..] { clip(x, 0, 6) }

## Straight lines in the place of the sigmoid: 0 below -3, 1 above 3 (Howard et al. 2019).
fn hard_sigmoid(x: f32[..]) -> f32[..] { clip(x + 3, 0, 6) / 6 }

## x * hard_sigmoid(x) (Howard et al. 2019).
fn hard_silu(x: f32[..]) -> f32[..] { x * hard_sigmoid(x) }

## x between -1 and 1 (Collobert 2004).
fn hard_tanh(x: f32[..]) -> f32[..] { clip(x, -1, 1) }

## The logarithm of the sigmoid, without overflow.
fn log_sigmoid(x: f32[..]) -> f32[..] { minimum(x, 0) - log1p(exp(-abs(x))) }

## exp(x) divided by its sum along an axis.
## gives: probabilities
fn softmax[a: axis = -1](x: f32[..S]) -> f32[..S] {
  let e = exp(x - detach(max[a, keep=true](x)))
  e / sum[a, keep=true](e)
}

## The logarithm of softmax.
## gives: log_probabilities
fn log_softmax[a: axis = -1](x: f32[..S]) -> f32[..S] {
  let y = x - detach(max[a, keep=true](x))
  y - log(sum[a, keep=true](exp(y)))
}

## The logarithm of the sum of exp(x) along an axis, without overflow.
fn logsumexp[a: axis = -1](x: f32[..S]) {
  let top = detach(max[a, keep=true](x))
  log(sum[a](exp(x - top))) + max[a](top)
}
