# Everything that may stand in a train block.
dim Streams = 16
option passes: i64 = 2
option folder: string = "out"

model Net(x: f32[B, 8, 8]) -> f32[B, 10] { x |> flatten |> Dense[10] }

var lines = 0
let scale = 16.0
let r = train Net on digits.train {
  batch = Streams; contiguous = true; epochs = passes
  best = lowest("loss"); save = "{folder}/net.safetensors"; patience = 3
  budget = 64*MiB
  state seen: f32[Streams] ~ zeros
  state calls: i64 ~ 0
  step (image: u8[B, 8, 8], label) {
    let logits = Net(image / scale)
    minimize mean(cross_entropy(logits, label)) using sgd[lr=0.1 / f32(epoch)]
    seen = seen + mean[1, 2](image)
    calls = calls + 1
    report accuracy = mean(argmax(logits) == label)
    report seen = last(mean(seen))
  }
  validate (image, label) on digits.test {
    calls = calls + 1
    report accuracy = mean(argmax(Net(image / scale)) == label)
    report tested = last(calls)
  }
  every epoch {
    lines = lines + 1
    print("epoch {epoch}: {t} of {total} steps, {lines} lines")
  }
  every 20 steps {
    validate (image, label) on digits.test {
      report top = mean(argmax(Net(image / scale)) == label)
    }
    if t > 100 { print("late") }
  }
  every 2 * passes steps { save(Net, "{folder}/step-{t}.safetensors") }
}
print("{r.loss} {r.accuracy} {r.tested} {r.top} {r.seen}")

# Without data; in loops and branches of the program, which the step sees.
for i in 0..3 {
  let rate = 0.1 * f32(i + 1)
  let last = train {
    steps = 5; seed = i
    step () {
      let x = normal[4, 8, 8]
      minimize mean(Net(x)**2) over Net using sgd[lr=rate]
    }
  }
  if last.loss > 1 { print("{i}: {last.loss}") }
}

# The batch is a constant size, and no figure of the step is asked for.
train Net on digits.train {
  batch = 32; keep_short = false; shuffle = true
  state memory: f32[32, 8, 8] ~ zeros
  step (image, label) {
    memory = 0.9 * memory + 0.1 * image
    minimize mean(cross_entropy(Net(memory / 16), label)) using sgd[lr=0.1]
  }
}
