## A small LeNet on the embedded digits: convolutions with padding and stride, pools, for comparing bits between
## executors and the losses with tests/oracle/conv_digits.py.

option lr: f32 = 1e-2

layer Stage[C](x: f32[B, _, H, W]) -> f32[B, C, H/2, W/2] given H % 2 == 0, W % 2 == 0 {
  x |> Conv2d[C, kernel=3, pad=1] |> relu |> max_pool[2]
}

model Net(x: f32[B, 1, 8, 8]) -> f32[B, 10] {
  x |> Stage[6] |> Stage[16] |> flatten |> Dense[10]
}

fn pixels(image: f32[B, 8, 8]) -> f32[B, 1, 8, 8] { reshape[B, 1, 8, 8](image) / 16 }

train Net on digits.train {
  batch = 32; shuffle = true; epochs = 2
  seed = 1

  step (image, label) {
    let logits = Net(pixels(image))
    minimize mean(cross_entropy(logits, label)) using adam[lr=lr]
    report accuracy = mean(argmax(logits) == label)
  }

  validate (image, label) on digits.test {
    report accuracy = mean(argmax(Net(pixels(image))) == label)
  }
}
