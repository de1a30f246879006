## An MLP 784-512-512-10 on made-up pictures: three steps of 61 examples, for comparing bits between executors.

dim N = 183

data made {
  image: f32[784]   from uniform[N, 784]
  label: index[10]  from randint[10, N]
}

model Net(x: f32[B, 784]) -> f32[B, 10] {
  x |> Dense[512] |> relu |> Dense[512] |> relu |> Dense[10]
}

train Net on made {
  batch = 61; shuffle = true; epochs = 1
  seed = 3

  step (image, label) {
    minimize mean(cross_entropy(Net(image), label)) using adam[lr=1e-3]
  }
}
