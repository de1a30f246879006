## The digits for one epoch, for valgrind over the interpreter.

option Hidden: dim = 64
option lr: f32 = 3e-3

model Net(x: f32[B, 8, 8]) -> f32[B, 10] {
  x |> flatten |> Dense[Hidden] |> relu |> Dense[10]
}

train Net on digits.train {
  batch = 32; shuffle = true; epochs = 1
  seed = 1

  step (image, label) {
    let logits = Net(image / 16)
    minimize mean(cross_entropy(logits, label)) using adam[lr=lr]
    report accuracy = mean(argmax(logits) == label)
  }

  validate (image, label) on digits.test {
    let logits = Net(image / 16)
    report loss = mean(cross_entropy(logits, label))
    report accuracy = mean(argmax(logits) == label)
  }
}
