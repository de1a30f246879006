## Update rules: each for one tensor p with gradient g; `t` counts the steps from 1.

## Stochastic gradient descent with momentum (Sutskever et al. 2013, in the form without dampening) and weight decay
## that is added to the gradient.
optimizer sgd[lr: f32, momentum: f32 = 0, decay: f32 = 0](p, g) {
  state v ~ zeros
  v = momentum * v + (g + decay * p)
  p = p - lr * v
}

## Adam (Kingma and Ba 2015).
optimizer adam[lr: f32 = 1e-3, beta1: f32 = 0.9, beta2: f32 = 0.999, eps: f32 = 1e-8](p, g) {
  state m ~ zeros
  state v ~ zeros
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g**2
  let rate = lr * sqrt(1 - beta2**t) / (1 - beta1**t)
  p = p - rate * m / (sqrt(v) + eps * sqrt(1 - beta2**t))
}

## Adam with decay of the weights themselves (Loshchilov and Hutter 2019).
optimizer adamw[lr: f32 = 1e-3, beta1: f32 = 0.9, beta2: f32 = 0.999, eps: f32 = 1e-8, decay: f32 = 0.01](p, g) {
  state m ~ zeros
  state v ~ zeros
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g**2
  let rate = lr * sqrt(1 - beta2**t) / (1 - beta1**t)
  p = p * (1 - lr * decay) - rate * m / (sqrt(v) + eps * sqrt(1 - beta2**t))
}
