## A variational autoencoder, 784-400-(20, 20)-400-784, batch 128.

dim Z = 20

model Vae {
  let body = Dense[400]
  let middle = Dense[Z]
  let spread = Dense[Z]
  let back = Dense[400]
  let pixels = Dense[784]

  fn encode(x: f32[B, 784]) -> (f32[B, Z], f32[B, Z]) {
    let h = relu(body(x))
    (middle(h), spread(h))
  }

  fn decode(z: f32[B, Z]) -> f32[B, 784] {
    z |> back |> relu |> pixels
  }
}

data set {
  x: f32[784] from uniform[128, 784]
}

train Vae on set {
  batch = 128; steps = 20
  step (x: f32[B, 784]) {
    let mu, log_var = Vae.encode(x)
    let z = mu + normal[B, Z] * exp(log_var / 2)
    let reconstruction = sum[1](bce_logits(Vae.decode(z), x))
    let divergence = -0.5 * sum[1](1 + log_var - mu**2 - exp(log_var))
    minimize mean(reconstruction + divergence) using adam[lr=1e-3]
  }
}
