## models/vae.dlm, smaller, on pictures made by a formula: its losses are those of tests/oracle/models.py.

dim N = 18
dim Z = 3

data pictures {
  image: u8[6, 6] from u8(reshape[N, 6, 6](iota[N*36]) * 37 % 251)
}

model Vae {
  let body = Dense[9]
  let middle = Dense[Z]
  let spread = Dense[Z]
  let back = Dense[9]
  let pixels = Dense[36]

  fn encode(x: f32[B, 36]) -> (f32[B, Z], f32[B, Z]) {
    let h = relu(body(x))
    (middle(h), spread(h))
  }

  fn decode(z: f32[B, Z]) -> f32[B, 36] {
    z |> back |> relu |> pixels
  }
}

train Vae on pictures {
  batch = 10; epochs = 10
  seed = 1

  step (image: u8[B, 6, 6]) {
    let x = flatten(image) / 255
    let mu, log_var = Vae.encode(x)
    let z = mu + exp(log_var / 2) * normal[B, Z]
    let reconstruction = sum[1](bce_logits(Vae.decode(z), x))
    let divergence = -0.5 * sum[1](1 + log_var - mu**2 - exp(log_var))
    let loss = mean(reconstruction + divergence)
    minimize loss using adam[lr=1e-3]
    report nats = loss
  }
}
