modle Net(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] }   # error E0101: did you mean `model`?
data points {
  x: f32[2] form normal[10, 2]                           # error E0101: did you mean `from`?
}
lett a = 3                                               # error E0101: did you mean `let`?
trian Net on points { steps = 3 }                        # error E0101: did you mean `train`?
step learn() { minimize loss ovr Net using sgd[lr=1] }   # error E0101: did you mean `over`?
optoin lr: f32 = 1e-3                                    # error E0101: did you mean `option`?
