## A small residual net with batch normalisation, dropout and shifted pictures: the running statistics that training leaves
## decide the validation. The last batch of an epoch is short.

layer Residual(x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  let y = x |> Conv2d[C, kernel=3, pad=1, bias=false] |> BatchNorm |> relu
    |> DepthwiseConv2d[kernel=3, pad=1, bias=false] |> BatchNorm
  relu(x + y)
}

model Net(x: f32[_, 1, 8, 8]) {
  x |> Conv2d[8, kernel=3, pad=1, bias=false] |> BatchNorm as norm |> relu |> max_pool[2]
    |> Residual |> global_mean |> dropout[0.1] |> Dense[10]
}

fn pixels(image: u8[B, 8, 8]) -> f32[B, 1, 8, 8] { reshape[B, 1, 8, 8](image) / 16 }

train Net on digits.train {
  batch = 64; shuffle = true; epochs = 2
  seed = 3
  step (image, label) {
    let logits = Net(pixels(image) |> random_shift[1])
    minimize mean(cross_entropy(logits, label)) using adamw[lr=linear[2e-2, warmup=5](t, total)]
    report accuracy = mean(argmax(logits) == label)
  }
  validate (image, label) on digits.test {
    let logits = Net(pixels(image))
    report loss = mean(cross_entropy(logits, label))
    report accuracy = mean(argmax(logits) == label)
  }
}

print("{Net.norm.mean} {Net.norm.variance}")

test "the running statistics are those of the data" {
  assert(max(abs(Net.norm.mean)) > 0.01)
  assert(max(abs(Net.norm.variance - 1)) > 0.1)
}
