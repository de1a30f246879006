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

## x such that erf(x) = y: the estimate of Winitzki (2008), then steps of Newton's method; the last has the derivative.
fn erfinv(y: f32[..]) -> f32[..] {
  let l = log1p(-y * y)
  let c = 2 / (pi * 0.147) + 0.5 * l
  let estimate = sign(y) * sqrt(sqrt(c * c - l / 0.147) - c)
  erfinv_nearer(detach(erfinv_nearer(erfinv_nearer(estimate, y), y)), y)
}

## One step of Newton's method toward erf(x) = y.
fn erfinv_nearer(x: f32[..], y: f32[..]) -> f32[..] { x - (erf(x) - y) * (0.5 * sqrt(pi)) * exp(x * x) }

## Normally distributed without what lies more than two `std` from `mean`.
fn truncated_normal[..S](mean: f32 = 0, std: f32 = 1) -> f32[..S] {
  let reach = erf(sqrt(2))
  mean + std * sqrt(2) * erfinv(uniform[..S](-reach, reach))
}

## x * (2 - x^T x), four times: singular values below 1 come near 1, small ones are doubled each time.
fn orthogonal_grow(x: f32[R, C]) -> f32[R, C] {
  let a = 2 * x - x @ (transpose(x) @ x)
  let b = 2 * a - a @ (transpose(a) @ a)
  let c = 2 * b - b @ (transpose(b) @ b)
  2 * c - c @ (transpose(c) @ c)
}

## x * (3 - x^T x)/2: singular values near 1 come to 1 (Bjorck and Bowie 1971).
fn orthogonal_settle(x: f32[R, C]) -> f32[R, C] { 1.5 * x - 0.5 * (x @ (transpose(x) @ x)) }

## The orthogonal factor of the polar decomposition of a normally distributed matrix: columns of length 1 at right
## angles, rows where C > R. Where one side is twice the other the singular values are near each other to begin with.
fn polar(x: f32[R, C]) -> f32[R, C] {
  if C > R {
    transpose(polar(transpose(x)))
  } else {
    let a = x / sqrt(sum(x**2)) |> orthogonal_grow |> orthogonal_grow |> orthogonal_grow
    let b = if R >= 2 * C {
      a
    } else {
      a |> orthogonal_grow |> orthogonal_grow |> orthogonal_grow |> orthogonal_grow |> orthogonal_grow
    }
    b |> orthogonal_settle |> orthogonal_settle |> orthogonal_settle |> orthogonal_settle
  }
}

## Orthogonal columns, a matrix of all axes but the last by the last (rows where there are fewer of them), evenly
## distributed over all such (Saxe, McClelland and Ganguli 2014).
fn orthogonal[..S] -> f32[..S] {
  reshape[..S](polar(normal[prod(S) // S[-1], S[-1]]))
}

## Draws an index by the probabilities softmax(logits) gives over the last axis, S of them for each: the largest of the
## logits with Gumbel noise (Maddison, Tarlow and Minka 2014).
fn categorical[..S](logits: f32[..L, V]) -> index[V][..S, ..L] {
  argmax(logits - log(-log(uniform01[..S, ..L, V])))
}
