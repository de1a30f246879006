## First values: creation functions and initializers.  The shape stands in brackets (`normal[N, 2]`) or follows from
## the wanted type (`param w: f32[In, Out] ~ glorot`).

## All zeros.
fn zeros[..S] -> any[..S] { full[..S](0) }

## All ones.
fn ones[..S] -> any[..S] { full[..S](1) }

## Evenly distributed between `low` and `high`.
fn uniform[..S](low: f32 = 0, high: f32 = 1) -> f32[..S] {
  low + (high - low) * uniform01[..S]
}

## Normally distributed, by the transform of Box and Muller (1958).
fn normal[..S](mean: f32 = 0, std: f32 = 1) -> f32[..S] {
  let radius = sqrt(-2 * log1p(-uniform01[..S]))
  mean + std * radius * cos(2 * pi * uniform01[..S])
}

## How many inputs reach one output: the sizes of all axes but the last.
fn fan_in[..S] -> f32 {
  if rank(S) > 1 { prod(S) / S[-1] } else { prod(S) }
}

## How many outputs one input reaches: the last axis.
fn fan_out[..S] -> f32 {
  if rank(S) > 0 { f32(S[-1]) } else { 1.0 }
}

## Uniform with variance 2/(fan_in + fan_out) (Glorot and Bengio 2010).
fn glorot[..S] -> f32[..S] {
  let limit = sqrt(6 / (fan_in[..S] + fan_out[..S]))
  uniform[..S](-limit, limit)
}

## Normal with variance 2/fan_in, for relu (He et al. 2015).
fn he[..S] -> f32[..S] {
  normal[..S](0, sqrt(2 / fan_in[..S]))
}

## Normal with variance 1/fan_in (LeCun et al. 1998).
fn lecun[..S] -> f32[..S] {
  normal[..S](0, sqrt(1 / fan_in[..S]))
}

## For kernels [Out, In, height, width]: uniform with variance 1/(3*In*height*width) (LeCun et al. 1998).
fn kernels[..S] -> f32[..S] {
  let limit = sqrt(1 / (prod(S) / S[0]))
  uniform[..S](-limit, limit)
}
