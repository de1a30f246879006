## Normalisation: mean 0 and variance 1 over some axes, then a learned scale and shift.

# Rows are multiplied by one over their deviation, as a division for each element costs more than all else.

## Over the batch and all axes behind the channels (Ioffe and Szegedy 2015). In training the batch's own mean and
## variance count and move the running ones, with the variance of a sample (n - 1; 0 for a single number); else the
## running ones count.
layer BatchNorm[momentum: f32 = 0.1, eps: f32 = 1e-5](x: f32[B, C, ..S]) -> f32[B, C, ..S] {
  param gamma:    f32[C] ~ ones
  param beta:     f32[C] ~ zeros
  state mean:     f32[C] ~ zeros
  state variance: f32[C] ~ ones
  if training {
    let m = mean[B, ..S](x)
    let d = x - m[_, new..S]
    let v = mean[B, ..S](d**2)
    let n = B * prod(S)
    mean = lerp(mean, detach(m), momentum)
    variance = lerp(variance, detach(v) * n / maximum(n - 1, 1), momentum)
    d * (gamma / sqrt(v + eps))[_, new..S] + beta[_, new..S]
  } else {
    (x - mean[_, new..S]) * (gamma / sqrt(variance + eps))[_, new..S] + beta[_, new..S]
  }
}

## Over the last axis (Ba, Kiros and Hinton 2016).
layer LayerNorm[eps: f32 = 1e-5](x: f32[.., E]) -> f32[.., E] {
  param gamma: f32[E] ~ ones
  param beta:  f32[E] ~ zeros
  let d = x - mean[-1, keep=true](x)
  d * (1 / sqrt(mean[-1, keep=true](d**2) + eps)) * gamma + beta
}

## Over the last axis by the root of the mean square alone, no mean and no shift (Zhang and Sennrich 2019).
layer RMSNorm[eps: f32 = 1e-6](x: f32[.., E]) -> f32[.., E] {
  param gamma: f32[E] ~ ones
  x * (1 / sqrt(mean[-1, keep=true](x**2) + eps)) * gamma
}

## Over `G` groups of channels and all axes behind them, example by example (Wu and He 2018).
layer GroupNorm[G, eps: f32 = 1e-5](x: f32[B, C, ..S]) -> f32[B, C, ..S] given C % G == 0 {
  param gamma: f32[C] ~ ones
  param beta:  f32[C] ~ zeros
  let group = reshape[B, G, C / G * prod(S)](x)
  let d = group - mean[-1, keep=true](group)
  let y = d * (1 / sqrt(mean[-1, keep=true](d**2) + eps))
  reshape[B, C, ..S](y) * gamma[_, new..S] + beta[_, new..S]
}
