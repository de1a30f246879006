## Weights that a loss reaches and nobody updates.

model Net(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] }
model Judge(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }
data points { x: f32[4] from normal[64, 4] }

train Net on points {
  step (x) {
    minimize mean(Judge(Net(x))**2) using sgd    # warning W0544: the loss is computed from the weights of `Judge` too
    minimize mean(Judge(Net(x))) using sgd       # once is enough
  }
}
train Net on points {
  step (x) {
    minimize mean(Judge(Net(x))**2) using sgd    # the next one updates it
    minimize -mean(Judge(detach(Net(x)))**2) over Judge using sgd
  }
}
train Net on points { step (x) { minimize mean(Judge(Net(x))**2) over Net using sgd } }
train Net on points { step (x) { minimize mean(detach(Judge(Net(x)))[_, 0] * Net(x)[_, 1]) using sgd } }
step learn(s: f32[8, 4]) {
  minimize mean(Judge(Net(s))) over Judge using sgd, Net.dense_1.b using adam
  minimize mean(Judge(detach(Net(s)))) over Judge using sgd, Net.dense_1.b using adam  # warning W0543: the loss is not computed from the weights of `Net`
}
learn(ones[8, 4])
