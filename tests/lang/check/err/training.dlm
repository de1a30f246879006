data points {
  let x0 = normal[100, 2]
  x: f32[2] from x0
  y: f32    from 2*x0[_, 0]
}
model Line(x: f32[B, 2]) -> f32[B] {
  param w: f32[2] ~ normal
  x @ w
}
model Other(x: f32[B, 2]) -> f32[B] {
  param w: f32[2] ~ normal
  x @ w
}
train Line on points {
  bach = 4                                       # error E0501: `train` has no setting `bach`
  epochs = 2.5                                   # error E0501: `epochs` is a whole number
  shuffle = 1                                    # error E0501: `shuffle` is true or false
  seed = 1
  seed = 2                                       # error E0501: `seed` is set twice
  step (x, z) {                                  # error E0506: the data has no field `z`
    minimize mean((Line(x) - z)**2) using sgd[lr=0.1]
  }
}
train Line on points {
  step (x, y) {
    minimize (Line(x) - y)**2 using sgd[lr=0.1]  # error E0502: `minimize` needs one number, this is f32[batch]
    report gap = Line(x) - y                     # error E0507: a report is one number, this is f32[batch]
    report best = mean(Line(x))
    report best = mean(Line(x))                  # error E0507: `best` is reported twice
  }
}
train Line on points { batch = 0; step (x, y) { minimize mean(Line(x) - y) using sgd[lr=0.1] } }  # error E0501: `batch` is 0
train Line on points { step (x, y) { minimize mean(Line(x) - y) using relu } }  # error E0505: an optimizer is wanted
train Line on points { step (x, y) { minimize mean(Line(x) - y) using sgdd[lr=0.1] } }  # error E0201: there is no optimizer `sgdd`
train Line on points { batch = 4 }               # error E0504: this train block has no `step`
train Line on Line { step (x) { minimize mean(Line(x)) using sgd } }  # error E0506: a data set is wanted
train { step (x) { minimize mean(Line(x)) using sgd } }  # error E0506: this block has no data
step both(x: f32[B, 2]) {
  minimize mean(Line(x) - Other(x)) using sgd    # error E0503: the loss reaches several models
}
step none(x: f32[B, 2]) {
  minimize mean(x) using sgd                     # error E0503: the loss reaches no weights
}
step rate(x: f32[B, 2]) {
  minimize mean(Line(x)) over Line using sgd[rate=0.1]  # error E0208: `sgd` has no parameter `rate`
}
step two(x: f32[B, 2], y: f32[B]) { minimize mean(Line(x) - y) using sgd }
let _ = two(zeros[3, 2], zeros[4])               # error E0304: `B` is 3 and 4 in one call
let _ = two(zeros[3, 3], zeros[3])               # error E0301: `x` of `two` is f32[B, 2], this is f32[3, 3]
step wrong(x: f32[B, 2]) {
  minimize mean(Line(x)) over points using sgd   # error E0503: `points` has no weights
}
