## A small convolutional network with normalisation and dropout, batch 64.

model Net(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  x |> Conv2d[32, kernel=3, pad=1] |> BatchNorm |> relu |> max_pool[2]
    |> Conv2d[64, kernel=3, pad=1] |> BatchNorm |> relu |> max_pool[2]
    |> flatten |> dropout[0.5] |> Dense[128] |> relu |> Dense[10]
}

data set {
  x:     f32[1, 28, 28]  from uniform[64, 1, 28, 28]
  label: index[10]       from randint[10, 64]
}

train Net on set {
  batch = 64; steps = 20
  step (x, label) {
    minimize mean(cross_entropy(Net(x), label)) using adamw[lr=1e-3, decay=0.01]
  }
}
