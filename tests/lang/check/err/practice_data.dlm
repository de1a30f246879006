## Mistakes with data sets.

data pictures {
  image: u8[28, 28] from idx("train-images-idx3-ubyte.gz")
  label: index[10]  from idx("train-labels-idx1-ubyte.gz")
  # error E0602: the parts add up to 1.2, more than the whole
  split train = 0.9, valid = 0.3
}

data one {
  image: u8[28, 28] from idx("train-images-idx3-ubyte.gz")
  # error E0201: there is no function `idxx`
  label: index[10]  from idxx("train-labels-idx1-ubyte.gz")
}

data two {
  # error E0201: there is no dimension `H`
  # error E0201: there is no dimension `W`
  image: u8[H, W] from idx("train-images-idx3-ubyte.gz")
}

data four {
  image: u8[28, 28] from idx(28)
}

model Net(x: f32[B, 28, 28]) -> f32[B, 10] { x |> flatten |> Dense[10] }

train Net on pictures.train {
  step (image, label) {
    minimize mean(cross_entropy(Net(image[_, 0]), label)) using sgd[lr=0.1]
  }
}
