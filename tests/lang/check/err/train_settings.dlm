# What settings of a train block get wrong.
dim Streams = 16
option rows: i64 = 8

model Net(x: f32[B, 8, 8]) -> f32[B, 10] { x |> flatten |> Dense[10] }

let size = 32

train Net on digits.train {
  batch = size                          # error E0501: `batch` must be known when compiling
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  epochs = 3
  steps = 100                           # error E0501: `epochs` and `steps` do not go together: each says how long
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  batch = Streams; contiguous = true; epochs = 1
  shuffle = true                        # error E0501: each row of the batch reads its stretch of the data in order
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  keep_short = 1                        # error E0501: `keep_short` is true or false, this is i64
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  patience = 3                          # error E0530: `patience` counts reports that are no better than the best
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  best = "accuracy"                     # error E0530: `best` says which report decides
  patience = 3
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  best = highest(accuracy)              # error E0530: `best` says which report decides
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  best = highest("acuracy")             # error E0530: this block reports no `acuracy`
  step (image, label) {
    minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1]
    report accuracy = mean(argmax(Net(image / 16)) == label)
  }
}

train Net on digits.train {
  best = lowest("perplexity"); patience = 0   # error E0501: `patience` is 0; it is at least 1
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  save = 3                              # error E0501: `save` is a string, this is i64
  budget = 1.5                          # error E0501: `budget` is a whole number, this is f32
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}

train Net on digits.train {
  bach = 32                             # error E0501: `train` has no setting `bach`
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
}
