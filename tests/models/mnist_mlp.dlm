## An MLP 784-512-10 on MNIST, read from its files: an epoch, then the accuracy on the test set.

model Net(x: f32[B, 28, 28]) -> f32[B, 10] {
  x |> flatten |> Dense[512] |> relu |> Dense[10]
}

train Net on mnist.train {
  batch = 64; shuffle = true; epochs = 1
  seed = 1

  step (image, label) {
    let logits = Net(image / 255)
    minimize mean(cross_entropy(logits, label)) using adam[lr=1e-3]
    report accuracy = mean(argmax(logits) == label)
  }

  validate (image, label) on mnist.test {
    report accuracy = mean(argmax(Net(image / 255)) == label)
  }
}
