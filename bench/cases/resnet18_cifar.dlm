## ResNet-18 with a 3x3 stem for 32x32 pictures, batch 32.

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

model ResNet(x: f32[B, 3, 32, 32]) -> f32[B, 10] {
  var h = x |> Conv2d[64, kernel=3, pad=1, bias=false] |> BatchNorm |> relu
  repeat (C, stride) in [(64, 1), (128, 2), (256, 2), (512, 2)] {
    h = h |> Residual[C, stride=stride] |> Residual[C]
  }
  h |> global_mean |> Dense[10]
}

data set {
  x:     f32[3, 32, 32]  from uniform[32, 3, 32, 32]
  label: index[10]       from randint[10, 32]
}

train ResNet on set {
  batch = 32; steps = 20
  step (x, label) {
    minimize mean(cross_entropy(ResNet(x), label)) using sgd[lr=0.1, momentum=0.9, decay=5e-4]
  }
}
