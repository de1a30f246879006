## An MLP of the size that dispatch dominates: 64-64-10, batch 32.

model Net(x: f32[B, 64]) -> f32[B, 10] {
  x |> Dense[64] |> relu |> Dense[10]
}

data set {
  x:     f32[64]    from uniform[32, 64]
  label: index[10]  from randint[10, 32]
}

train Net on set {
  batch = 32; steps = 20
  step (x, label) {
    minimize mean(cross_entropy(Net(x), label)) using adam[lr=1e-3]
  }
}
