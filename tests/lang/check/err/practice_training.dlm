## Mistakes in losses, steps and train blocks.

model Net(x: f32[B, 64]) -> f32[B, 10] { x |> Dense[10] }

# no reduction
step no_mean(x: f32[B, 64], y: index[10][B]) {
  # error E0502: `minimize` needs one number, this is f32[B]
  # fix: mean(...)
  minimize cross_entropy(Net(x), y) using sgd[lr=0.1]
}

# reported without one
step no_mean_report(x: f32[B, 64], y: index[10][B]) {
  # error E0507: a report is one number, this is f32[B]
  # fix: mean(...)
  report loss = cross_entropy(Net(x), y)
}

# one class too many in the data
step classes(x: f32[B, 64], y: index[11][B]) {
  # error E0310: an index[11] is 0 to 10, index[10] is wanted
  # label: this is index[11][B]
  minimize mean(cross_entropy(Net(x), y)) using sgd[lr=0.1]
}

# labels as plain numbers
step plain(x: f32[B, 64], y: i64[B]) {
  # error E0310: index[10] is wanted, this is i64[B]
  # fix: index[10](...) checks the value when it runs
  minimize mean(cross_entropy(Net(x), y)) using sgd[lr=0.1]
}

# one-hot labels where numbers are wanted
step one_hot(x: f32[B, 64], y: f32[B, 10]) {
  # error E0310: `label` of `cross_entropy` is class numbers, index[C][..S], this is f32[B, 10]
  # fix: one-hot rows become class numbers: argmax(y)
  minimize mean(cross_entropy(Net(x), y)) using sgd[lr=0.1]
}

# the two arguments of the loss swapped
step swapped(x: f32[B, 64], y: index[10][B]) {
  # error E0310: `label` of `cross_entropy` is class numbers, index[C][..S], this is f32[B, 10]
  # fix: the other way round: Net(x), y
  minimize mean(cross_entropy(y, Net(x))) using sgd[lr=0.1]
}

# the prediction is a column, the target is not
step column(x: f32[B, 64], y: f32[B]) {
  let p = Net(x)[_, 0..1]
  # error E0303: the shapes of `-` differ: f32[B, 1] against f32[B]
  # label: the last axis is 1 against B
  # fix: drop the axis of size 1: p[.., 0] - y
  minimize mean((p - y)**2) using sgd[lr=0.1]
}

# the same through a library loss
step column_loss(x: f32[B, 64], y: f32[B]) {
  # error E0303: the shapes of `mse` differ: f32[B, 1] against f32[B]
  # label: the last axis is 1 against B
  # fix: drop the axis of size 1: Net(x)[_, 0..1][.., 0]
  minimize mean(mse(Net(x)[_, 0..1], y)) using sgd[lr=0.1]
}

# a comparison is no loss
step compared(x: f32[B, 64], y: index[10][B]) {
  minimize mean(argmax(Net(x)) == y) using sgd[lr=0.1]
}

# logits compared with labels
step logits(x: f32[B, 64], y: index[10][B]) {
  # error E0303: the shapes of `==` differ: f32[B, 10] against f32[B]
  # label: the last axis is 10 against B
  # fix: an axis that stretches: Net(x) == y[.., new]
  report accuracy = mean(Net(x) == y)
}

# an optimizer that is not there
step adamm_rule(x: f32[B, 64], y: index[10][B]) {
  # error E0201: there is no optimizer `adamm`
  # fix: did you mean `adam`?
  minimize mean(cross_entropy(Net(x), y)) using adamm[lr=0.1]
}

# its rate misspelt
step rate(x: f32[B, 64], y: index[10][B]) {
  # error E0208: `adam` has no parameter `learning_rate`
  minimize mean(cross_entropy(Net(x), y)) using adam[learning_rate=0.1]
}

step rate_near(x: f32[B, 64], y: index[10][B]) {
  # error E0208: `adam` has no parameter `beta`
  # fix: did you mean `beta1`?
  minimize mean(cross_entropy(Net(x), y)) using adam[beta=0.1]
}

# a model that is not there
step no_model(x: f32[B, 64], y: index[10][B]) {
  # error E0201: there is no layer `Nett`
  # fix: did you mean `Net`?
  minimize mean(cross_entropy(Nett(x), y)) using sgd[lr=0.1]
}

# a part that is not there
step no_part(x: f32[B, 64], y: index[10][B]) {
  # error E0540: this path names no weights of `Net`
  # label: nothing is named `head` there
  minimize mean(cross_entropy(Net(x), y)) over Net.head using sgd[lr=0.1]
}

# pictures into a net for vectors
step pictures(x: f32[B, 8, 8], y: index[10][B]) {
  # error E0307: `x` of `Net` has 2 axes, this has 3
  # label: this is f32[B, 8, 8]
  # fix: `flatten` joins all axes but the first: flatten(x)
  minimize mean(cross_entropy(Net(x), y)) using sgd[lr=0.1]
}

step bytes(x: u8[B, 64], y: index[10][B]) {
  minimize mean(cross_entropy(Net(x / 255), y)) using sgd[lr=0.1]
}

step twice(x: f32[B, 64]) {
  report loss = mean(Net(x))
  # error E0507: `loss` is reported twice
  report loss = sum(Net(x))
}

train Net on digits.train {
  # error E0501: `train` has no setting `bach`
  # fix: did you mean `batch`?
  bach = 32
  # error E0501: `epochs` is a whole number, this is f32
  epochs = 2.5
  # error E0501: `shuffle` is true or false, this is i64
  shuffle = 1
  # error E0506: the data has no field `labels`
  # fix: did you mean `label`?
  step (image, labels) {
    minimize mean(cross_entropy(Net(flatten(image)), labels)) using sgd[lr=0.1]
  }
}

train Net on digits.train {
  # error E0501: `batch` is 0; it is at least 1
  batch = 0
  step (image, label) {
    # error E0307: `x` of `Net` has 2 axes, this has 3
    # label: this is u8[batch, 8, 8]
    # fix: `flatten` joins all axes but the first: flatten(image)
    minimize mean(cross_entropy(Net(image), label)) using sgd[lr=0.1]
  }
}

# error E0603: the data set `digits` has no part or field `trian`
# fix: did you mean `train`?
train Net on digits.trian {
  step (image, label) {
    minimize mean(cross_entropy(Net(flatten(image) / 16), label)) using sgd[lr=0.1]
  }
}

# error E0504: this train block has no `step`
# fix: add `step (fields) { minimize ... }`: what is done with each batch
train Net on digits.train { batch = 32 }
