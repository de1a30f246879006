## models/mnist.dlm, smaller, on pictures made by a formula: its losses are those of tests/oracle/models.py.

dim N = 18

data pictures {
  image: u8[12, 12]  from u8(reshape[N, 12, 12](iota[N*144]) * 37 % 251)
  label: index[10]   from iota[N] * 7 % 10
}

layer Stage[C](x: f32[B, _, H, W]) -> f32[B, C, H/2, W/2] given H % 2 == 0, W % 2 == 0 {
  x |> Conv2d[C, kernel=3, pad=1] |> BatchNorm |> relu |> max_pool[2]
}

model LeNet(x: f32[B, 1, 12, 12]) -> f32[B, 10] {
  x |> Stage[4] |> Stage[6] |> flatten |> dropout[0.5] |> Dense[16] |> relu |> Dense[10]
}

fn pixels(image: u8[B, 12, 12]) -> f32[B, 1, 12, 12] {
  reshape[B, 1, 12, 12](image) / 255
}

train LeNet on pictures {
  batch = 10; epochs = 10
  seed = 1

  step (image, label) {
    let loss = mean(cross_entropy(LeNet(pixels(image) |> random_shift[2]), label))
    minimize loss using adamw[lr=cosine[1e-3, warmup=5](t, total), decay=1e-2]
    report loss = loss
  }
}

