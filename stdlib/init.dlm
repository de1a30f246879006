## Tensors from nothing: constants and random draws.  The shape stands in brackets, `normal[B, Z]`, or is left out
## where the wanted type tells it: `param w: f32[In, Out] ~ normal(0, 0.02)`.

## All zeros.
fn zeros[..S] -> any[..S] { full[..S](0) }

## All ones.
fn ones[..S] -> any[..S] { full[..S](1) }

## Evenly distributed over [low, high).
fn uniform[..S](low: f32 = 0, high: f32 = 1) -> f32[..S] {
  low + (high - low) * uniform01[..S]
}

## Normally distributed, by the transform of Box and Muller (1958): each value from two even draws.
fn normal[..S](mean: f32 = 0, std: f32 = 1) -> f32[..S] {
  mean + std * (sqrt(-2 * log(1 - uniform01[..S])) * cos(2 * pi * uniform01[..S]))
}

## Even over ±sqrt(6 / (In + Out)), so that signals and gradients keep their size (Glorot and Bengio 2010).
## For a matrix f32[In, Out] or a kernel whose further axes are its window.
fn glorot[In, Out, ..W] -> f32[In, Out, ..W] {
  let limit = sqrt(6 / (prod(W) * (In + Out)))
  uniform[In, Out, ..W](-limit, limit)
}

## Normal with variance 2 / In, for layers followed by relu (He et al. 2015).
fn he[In, Out] -> f32[In, Out] { normal[In, Out](0, sqrt(2 / In)) }
