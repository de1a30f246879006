## models/gan.dlm, smaller, on pictures made by a formula: its losses are those of tests/oracle/models.py.

dim N = 12
dim Z = 5

data pictures {
  image: u8[12, 12] from u8(reshape[N, 12, 12](iota[N*144]) * 37 % 251)
}

model Generator(z: f32[B, Z]) -> f32[B, 1, 12, 12] {
  z |> Dense[6*3*3] |> reshape[B, 6, 3, 3]
    |> BatchNorm |> relu |> ConvTranspose2d[4, kernel=4, stride=2, pad=1]
    |> BatchNorm |> relu |> ConvTranspose2d[1, kernel=4, stride=2, pad=1]
    |> tanh
}

model Critic(x: f32[B, 1, 12, 12]) -> f32[B] {
  x |> Conv2d[4, kernel=4, stride=2, pad=1] |> leaky_relu[0.2]
    |> Conv2d[6, kernel=4, stride=2, pad=1] |> BatchNorm |> leaky_relu[0.2]
    |> flatten |> Dense[1] |> reshape[B]
}

train on pictures {
  batch = 6; keep_short = false; epochs = 10
  seed = 7

  step (image: u8[B, 12, 12]) {
    let real = reshape[B, 1, 12, 12](image) / 127.5 - 1
    let fake = Generator(normal[B, Z])
    let judged = mean(bce_logits(Critic(real), 1)) + mean(bce_logits(Critic(detach(fake)), 0))
    minimize judged over Critic using adam[lr=2e-4, beta1=0.5]
    let fooled = mean(bce_logits(Critic(fake), 1))
    minimize fooled over Generator using adam[lr=2e-4, beta1=0.5]
    report loss = judged + fooled
  }
}
