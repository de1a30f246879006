## One set of weights with two functions: a small variational autoencoder on the 8x8 digits.

dim Z = 4

model Vae {
  let body = Dense[48]
  let middle = Dense[Z]
  let spread = Dense[Z]
  let back = Dense[48]
  let pixels = Dense[64]

  fn encode(x: f32[B, 64]) -> (f32[B, Z], f32[B, Z]) {
    let h = relu(body(x))
    (middle(h), spread(h))
  }

  fn decode(z: f32[B, Z]) -> f32[B, 64] {
    z |> back |> relu |> pixels
  }
}

train Vae on digits.train {
  batch = 32; shuffle = true; epochs = 2
  seed = 1

  step (image: u8[B, 8, 8]) {
    let x = flatten(image) / 16
    let mu, log_var = Vae.encode(x)
    let z = mu + exp(log_var / 2) * normal[B, Z]
    let reconstruction = sum[1](bce_logits(Vae.decode(z), x))
    let divergence = -0.5 * sum[1](1 + log_var - mu**2 - exp(log_var))
    let loss = mean(reconstruction + divergence)
    minimize loss using adam[lr=1e-3]
    report nats = loss
  }
}

test "reconstructs better than a guess of one half" {
  let x = flatten(digits.test.image) / 16
  let mu, _ = Vae.encode(x)
  let found = mean(sum[1](bce_logits(Vae.decode(mu), x)))
  assert(found < 36)            # 64 * log(2) is 44.4
}
