## A deep convolutional GAN, batch 64: the critic learns, then the generator.

dim Z = 64

model Generator(z: f32[B, Z]) -> f32[B, 1, 28, 28] {
  z |> Dense[128*7*7] |> BatchNorm |> relu |> reshape[B, 128, 7, 7]
    |> ConvTranspose2d[64, kernel=4, stride=2, pad=1] |> BatchNorm |> relu
    |> ConvTranspose2d[1, kernel=4, stride=2, pad=1] |> tanh
}

model Critic(x: f32[B, 1, 28, 28]) -> f32[B, 1] {
  x |> Conv2d[64, kernel=4, stride=2, pad=1] |> leaky_relu[0.2]
    |> Conv2d[128, kernel=4, stride=2, pad=1] |> BatchNorm |> leaky_relu[0.2]
    |> flatten |> Dense[1]
}

data set {
  real: f32[1, 28, 28] from uniform[64, 1, 28, 28](-1, 1)
}

train on set {
  batch = 64; steps = 20
  step (real: f32[B, 1, 28, 28]) {
    let fake = detach(Generator(normal[B, Z]))
    minimize mean(bce_logits(Critic(real), 1)) + mean(bce_logits(Critic(fake), 0))
      over Critic using adam[lr=2e-4, beta1=0.5]
    minimize mean(bce_logits(Critic(Generator(normal[B, Z])), 1))
      over Generator using adam[lr=2e-4, beta1=0.5]
  }
}
