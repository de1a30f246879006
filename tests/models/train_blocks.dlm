## What stands around a step: the best weights, states of a pass, `every`, files.

model Net(x: f32[B, 8, 8]) -> f32[B, 10] {
  x |> flatten |> Dense[16] |> relu |> Dense[10]
}

model Linear(x: f32[B, 8, 8]) -> f32[B, 10] {
  x |> flatten |> Dense[10]
}

fn accuracy_of(logits: f32[B, C], label: index[C][B]) -> f32 {
  mean(argmax(logits) == label)
}

## A rate far too large at the end makes the last weights worse than the best ones.
var epochs_seen = 0
let r = train Net on digits.train {
  batch = 64; shuffle = true; epochs = 12; seed = 3
  best = highest("accuracy"); save = "out/train_blocks/net.safetensors"; patience = 2
  step (image, label) {
    let loss = mean(cross_entropy(Net(image / 16), label))
    minimize loss using sgd[lr=where(epoch < 5, 0.2, 30.0)]
    report hits = ratio(sum(argmax(Net(image / 16)) == label), sum(label == label))
  }
  validate (image, label) on digits.test {
    report accuracy = accuracy_of(Net(image / 16), label)
  }
  every epoch { epochs_seen = epochs_seen + 1 }
}

## Each row of the batch reads its own stretch; the state is new at every pass over a set.
let streams = train Linear on digits.train {
  batch = 100; contiguous = true; epochs = 2
  state calls: i64 ~ 0
  state first: f32[100, 8, 8] ~ zeros
  step (image, label) {
    calls = calls + 1
    if calls == 2 { first = f32(image) }
    minimize mean(cross_entropy(Linear(image / 16), label)) using sgd[lr=0.1]
    report calls = last(calls)
    report third = last(sum(first[3]))
  }
  validate (image, label) on digits.test {
    calls = calls + 1
    report tested = last(calls)
    report accuracy = accuracy_of(Linear(image / 16), label)
  }
}

## `every` counts steps; without a model `save` takes all that the block changes.
var turns = 0
let both = train on digits.train {
  batch = 50; keep_short = false; steps = 40; seed = 5
  save = "out/train_blocks/both.safetensors"
  step (image, label) {
    minimize mean(cross_entropy(Net(image / 16), label)) over Net using sgd[lr=0.05]
    minimize mean(cross_entropy(Linear(image / 16), label)) over Linear using sgd[lr=0.05]
  }
  every 15 steps {
    turns = turns + t
    validate (image, label) on digits.test {
      report accuracy = accuracy_of(Linear(image / 16), label)
    }
  }
}
let kept = Linear.dense_1.w
let trained = Net.dense_1.w

test "the best weights come back, and the file has them" {
  assert(epochs_seen > 4 and epochs_seen < 12)
  load(Net, "out/train_blocks/net.safetensors")
  assert(r.accuracy > 0.8)
  assert_close(accuracy_of(Net(digits.test.image / 16), digits.test.label), r.accuracy, 1e-6)
}

test "states of a pass" {
  assert(streams.calls == 14)
  assert(streams.tested == 3)
  assert(streams.third == sum(f32(digits.train.image[3*14 + 1])))
}

test "every so many steps" {
  assert(turns == 45)
  assert(both.accuracy > 0.5)
}

test "one model of a file that has several" {
  Linear.dense_1.w = zeros
  load(Linear, "out/train_blocks/both.safetensors")
  assert(Linear.dense_1.w == kept)
  Net.dense_1.w = zeros
  Linear.dense_1.w = zeros
  load("out/train_blocks/both.safetensors")
  assert(Linear.dense_1.w == kept and all(Net.dense_1.w == trained))
}
