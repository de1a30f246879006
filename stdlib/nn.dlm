## Layers over the last axis.

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

## A learned vector of `E` numbers for each of V things.
layer Embedding[E](ids: index[V][..]) -> f32[.., E] {
  param w: f32[V, E] ~ normal
  w[ids]
}

## Zeroes elements with probability `rate` in training and scales the others up (Srivastava et al. 2014).
fn dropout[rate: f32](x: f32[..S]) -> f32[..S] {
  if training {
    where(uniform01[..S] < rate, 0, x / (1 - rate))
  } else {
    x
  }
}

## Position i of the T newest sees position j of S up to itself: all earlier ones, and those before the T.
fn causal_mask[T, S] -> bool[T, S] { iota[S] <= iota[T][_, new] + (S - T) }
