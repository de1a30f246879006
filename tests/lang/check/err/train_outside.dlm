# What compiled code may see of the program: lets, never vars.
model Net(x: f32[B, 8, 8]) -> f32[B, 10] { x |> flatten |> Dense[10] }

var rate = 0.1
let scale = 16.0

train Net on digits.train {
  step (image, label) {
    minimize mean(cross_entropy(Net(image / scale), label)) using sgd[lr=rate]  # error E0450: `rate` is a `var` of the program
  }
  validate (image, label) on digits.test {
    report loss = rate * mean(cross_entropy(Net(image / scale), label))         # error E0450: `rate` is a `var`
  }
}

step learn(image: f32[B, 8, 8], label: index[10][B]) {
  minimize mean(cross_entropy(Net(image / scale), label)) over Net using sgd[lr=rate]   # error E0450: `rate` is a `var`
}

step count() -> f32 {
  rate = rate + 1       # error E0402: `rate` belongs to the program: compiled code cannot change it
  1.0
}

for i in 0..2 {
  var factor = f32(i)
  factor = factor + 1
  train Net on digits.train {
    step (image, label) {
      minimize factor * mean(cross_entropy(Net(image), label)) using sgd[lr=0.1]    # error E0450: `factor` is a `var`
    }
  }
}
