## An MLP for MNIST: 784-512-512-10, batch 64.

model Net(x: f32[B, 784]) -> f32[B, 10] {
  x |> Dense[512] |> relu |> Dense[512] |> relu |> Dense[10]
}

data set {
  x:     f32[784]   from uniform[64, 784]
  label: index[10]  from randint[10, 64]
}

train Net on set {
  batch = 64; steps = 20
  step (x, label) {
    minimize mean(cross_entropy(Net(x), label)) using adam[lr=1e-3]
  }
}
