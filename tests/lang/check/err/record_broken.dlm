## A mistake in a model is one message: nothing is said of its weights.

model Net(x: f32[B, 4]) -> f32[B, 2] { x |> Danse[2] }  # error E0201: there is no layer `Danse`
data points { x: f32[4] from normal[64, 4] }
train Net on points { step (x) { minimize mean(Net(x)**2) using clip_norm[1.0] |> sgd } }
let a = Net
print(total(a - 0.1 * Net))
