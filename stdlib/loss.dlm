## Losses: one value per example; `mean` makes them the scalar that `minimize` wants.

## Minus the log-probability of the right class, from logits: log(sum(exp(x))) - x[label].
fn cross_entropy(logits: f32[.., C], label: index[C][..]) -> f32[..] {
  let m = detach(max[-1](logits))
  let total = sum[-1](exp(logits - m[.., new]))
  let hit = iota[C] == label[.., new]
  log(total) + m - sum[-1](where(hit, logits, 0))
}

## Cross entropy of two classes, from logits, against targets in 0 .. 1, without overflow.
fn bce_logits(logits: f32[..], target: f32[..]) -> f32[..] {
  maximum(logits, 0) - logits * target + log1p(exp(-abs(logits)))
}

## The square of the difference.
fn squared_error(a: f32[..], b: f32[..]) -> f32[..] { (a - b)**2 }

## Quadratic up to delta, linear beyond (Huber 1964).
fn huber[delta: f32 = 1](x: f32[..]) -> f32[..] {
  where(abs(x) <= delta, 0.5 * x**2, delta * (abs(x) - 0.5 * delta))
}
