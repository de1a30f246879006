## models/resnet.dlm, smaller, on pictures made by a formula: its losses are those of tests/oracle/models.py.

dim N = 12

data pictures {
  image: u8[9, 9]    from u8(reshape[N, 9, 9](iota[N*81]) * 37 % 251)
  label: index[10]   from iota[N] * 7 % 10
}

layer Residual[C, stride: i64 = 1](x: f32[B, In, H, W]) -> f32[B, C, (H - 1)//stride + 1, (W - 1)//stride + 1] {
  let y = x |> Conv2d[C, kernel=3, stride=stride, pad=1, bias=false] |> BatchNorm |> relu
    |> Conv2d[C, kernel=3, pad=1, bias=false] |> BatchNorm
  let shortcut = if In == C and stride == 1 {
    x
  } else {
    x |> Conv2d[C, kernel=1, stride=stride, bias=false] |> BatchNorm
  }
  relu(y + shortcut)
}

model ResNet(x: f32[B, 1, 9, 9]) -> f32[B, 10] {
  var h = x |> Conv2d[4, kernel=3, pad=1, bias=false] |> BatchNorm |> relu
  repeat (C, stride) in [(4, 1), (6, 2), (8, 2)] {
    h = h |> Residual[C, stride=stride] |> Residual[C]
  }
  mean[2, 3](h) |> Dense[10]
}

train ResNet on pictures {
  batch = 6; epochs = 10
  seed = 1

  step (image: u8[B, 9, 9], label) {
    let loss = mean(cross_entropy(ResNet(reshape[B, 1, 9, 9](image) / 255), label))
    minimize loss using sgd[lr=0.05, momentum=0.9, decay=5e-4]
    report loss = loss
  }
}

let all = pictures[0..N]
print("{mean(cross_entropy(ResNet(reshape[N, 1, 9, 9](all.image) / 255), all.label)):.8}")
