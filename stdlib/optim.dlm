## Optimizers: update rules for one weight `p` with its gradient `g`; `t` counts the steps from 1.

## Gradient descent, with momentum (Polyak 1964; Nesterov 1983) and decay if asked for.
optimizer sgd[lr: f32 = 1e-2, momentum: f32 = 0.0, decay: f32 = 0.0, nesterov: bool = false](p, g) {
  state v ~ zeros
  let d = g + decay * p
  v = momentum * v + d
  if nesterov {
    p = p - lr * (d + momentum * v)
  } else {
    p = p - lr * v
  }
}

## Adam (Kingma and Ba 2015).
optimizer adam[lr: f32 = 1e-3, beta1: f32 = 0.9, beta2: f32 = 0.999, eps: f32 = 1e-8](p, g) {
  state m ~ zeros
  state v ~ zeros
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g**2
  let scale = sqrt(1 - beta2**t) / (1 - beta1**t)
  p = p - lr * scale * m / (sqrt(v) + eps * sqrt(1 - beta2**t))
}

## Adam with decoupled weight decay (Loshchilov and Hutter 2019).
optimizer adamw[lr: f32 = 1e-3, beta1: f32 = 0.9, beta2: f32 = 0.999, eps: f32 = 1e-8, decay: f32 = 1e-2](p, g) {
  state m ~ zeros
  state v ~ zeros
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g**2
  let scale = sqrt(1 - beta2**t) / (1 - beta1**t)
  p = p - lr * (scale * m / (sqrt(v) + eps * sqrt(1 - beta2**t)) + decay * p)
}

## The gradient by the root of its running mean square (Tieleman and Hinton 2012).
optimizer rmsprop[lr: f32 = 1e-3, decay: f32 = 0.9, eps: f32 = 1e-8, momentum: f32 = 0.0](p, g) {
  state s ~ zeros
  state v ~ zeros
  s = decay * s + (1 - decay) * g**2
  v = momentum * v + g / (sqrt(s) + eps)
  p = p - lr * v
}

## The gradient by the root of the sum of all its squares so far (Duchi, Hazan and Singer 2011).
optimizer adagrad[lr: f32 = 1e-2, eps: f32 = 1e-10](p, g) {
  state s ~ zeros
  s = s + g**2
  p = p - lr * g / (sqrt(s) + eps)
}

## Scales all gradients so that their norm together is at most `limit` (Pascanu et al. 2013).
fn clip_norm[limit: f32](g) {
  g * minimum(1, limit / (sqrt(total(g**2)) + 1e-6))
}
