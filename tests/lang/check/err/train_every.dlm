# `every`, states of a train block and what may stand in them.
model Net(x: f32[B, 8, 8]) -> f32[B, 10] { x |> flatten |> Dense[10] }

train Net on digits.train {
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
  every 0 steps { print("now") }        # error E0532: `every` counts steps by a whole number from 1
  every pi steps { print("now") }       # error E0532: this is f32
  every epoch {
    validate (image, labels) on digits.test {     # error E0506: the data has no field `labels`
      report accuracy = mean(argmax(Net(image / 16)) == label)
    }
  }
}

train Net on digits.train {
  batch = 16; contiguous = true
  state h: f32[16] ~ zeros
  state c: f32[16]                      # error E0403: `c` has no first value
  state k: f32[8] ~ zeros[9]            # error E0301: the first value of `k` is f32[8], this is f32[9]
  step (image, label) {
    minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1]
    h = h + mean[1, 2](image)
    h = zeros[8]                        # error E0301: `h` is f32[16], this is f32[8]
  }
  every epoch { print("{h}") }          # error E0534: `h` belongs to the step and to each `validate` of this block
}

train Net on digits.train {
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
  every epoch { minimize 1.0 using sgd[lr=0.1] }     # error E0401: `minimize` changes weights: it stands in a `step`
  every 10 steps { let unused = 3 }     # error E0204: `unused` is never used
  every 10 steps { report a = 1.0 }     # error E0401: `report` stands in a `step` or `validate`
  every 10 steps { every epoch { print("x") } }      # error E0401: `every` stands in a `train` block
  every 10 steps { train { steps = 1; step () { report a = 1.0 } } }    # error E0401: `train` stands at program level
}

validate (image) on digits.test { report a = mean(f32(image)) }   # error E0401: `validate` stands in a `train` block

# A short last batch and a state with a fixed number of rows.
train Net on digits.train {
  batch = 16
  state seen: f32[16] ~ zeros
  step (image, label) {
    minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1]
    seen = seen + mean[1, 2](image)     # error E0303
  }
}
