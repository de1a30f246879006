## Losses: one number per example; `mean` makes the loss of a batch of them.

## Minus the log of the probability that softmax(logits) gives to the label.
## wants logits: logits or log_probabilities; the softmax is part of this loss
fn cross_entropy(logits: f32[..S, C], label: index[C][..S]) -> f32[..S] {
  let top = detach(max[-1, keep=true](logits))
  let shifted = logits - top
  let hit = iota[C] == label[.., new]
  log(sum[-1](exp(shifted))) - sum[-1](where(hit, shifted, 0))
}

## The squared difference.
fn mse(x: f32[..], y: f32[..]) -> f32[..] { (x - y)**2 }

## Quadratic near zero, linear beyond `delta` (Huber 1964).
fn huber[delta: f32 = 1.0](x: f32[..], y: f32[..]) -> f32[..] {
  let d = abs(x - y)
  where(d < delta, 0.5 * d**2, delta * (d - 0.5 * delta))
}

## Binary cross entropy of logits against targets between 0 and 1.
## wants x: logits; the sigmoid is part of this loss
fn bce_logits(x: f32[..], y: f32[..]) -> f32[..] {
  maximum(x, 0) - x * y + log1p(exp(-abs(x)))
}

## The absolute difference.
fn mae(x: f32[..], y: f32[..]) -> f32[..] { abs(x - y) }

## max(0, 1 - x*y) for targets of -1 and 1 (Cortes and Vapnik 1995).
fn hinge(x: f32[..], y: f32[..]) -> f32[..] { relu(1 - x * y) }

## How far the distribution `q` is from `p`, both logarithms of probabilities along the last axis: the sum of
## p * (log p - log q) (Kullback and Leibler 1951).
## wants p: log_probabilities
## wants q: log_probabilities
fn kl(p: f32[..S, C], q: f32[..S, C]) -> f32[..S] { sum[-1](exp(p) * (p - q)) }
