## A small residual network on the embedded digits: stages of different width made by `repeat`, equal ones by `Stack`.

layer Residual[C](x: f32[B, In]) -> f32[B, C] {
  let y = x |> Dense[C] |> tanh |> Dense[C]
  let shortcut = if In == C { x } else { x |> Dense[C] }
  tanh(y + shortcut)
}

layer Block(x: f32[B, N]) -> f32[B, N] {
  x + (x |> Dense[2*N] |> relu |> dropout[0.1] |> Dense[N])
}

model Net(x: f32[B, 64]) -> f32[B, 10] {
  var h = x
  repeat C in [32, 24, 16] { h = h |> Residual[C] |> Residual[C] }
  h |> Stack[3, Block] |> Dense[10]
}

train Net on digits.train {
  batch = 32; shuffle = true; epochs = 2
  seed = 1

  step (image, label) {
    let logits = Net(flatten(image) / 16)
    minimize mean(cross_entropy(logits, label)) using adam[lr=2e-3]
    report accuracy = mean(argmax(logits) == label)
  }
}

test "saved under the same paths" {
  let probe = flatten(digits.test.image[0..20]) / 16
  let before = Net(probe)
  save(Net, "repeat_test.safetensors")
  step_once(probe)
  assert(max(abs(before - Net(probe))) > 0)
  load(Net, "repeat_test.safetensors")
  assert_close(before, Net(probe), 0)
}

let blocks = Stack[3, Block]

test "copies are one behind the other" {
  let x = uniform[4, 8]
  var h = x
  repeat block in blocks { h = block(h) }
  assert_close(h, blocks(x), 0)
  assert_close(blocks[2](blocks[1](blocks[0](x))), blocks(x), 0)
  assert(max(abs(blocks[0].dense_1.w - blocks[1].dense_1.w)) > 0)
}

step step_once(x: f32[B, 64]) { minimize mean(Net(x)**2) over Net using sgd[lr=0.1] }

layer Cached(x: f32[B, N], past: f32[B, N]) -> f32[B, N] { tanh((x |> Dense[N]) + past) }
layer Walked(x: f32[B, N], cache: f32[3, B, N]) -> (f32[B, N], f32[3, B, N]) {
  let blocks = Stack[3, Cached]
  var h = x
  let now = for block, past in blocks, cache {
    h = block(h, past)
    yield h
  }
  (h, now)
}
let walked = Walked

test "a for over blocks beside a tensor" {
  let x = uniform[2, 4]
  let cache = uniform[3, 2, 4]
  let y, all = walked(x, cache)
  var h = x
  repeat block, i in walked.blocks, 0.. {
    h = block(h, cache[i])
    assert_close(h, all[i], 0)
  }
  assert_close(h, y, 0)
}
