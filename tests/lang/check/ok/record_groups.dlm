## minimize: transforms of the gradient, groups of `over`, `over` left out.

option lr: f32 = 2e-3

model Net(x: f32[B, 4]) -> f32[B, 2] {
  let h = x |> Dense[8] as body |> tanh
  h |> Dense[2] as head
}
model Critic(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }
let extra = Dense[2]

fn sign_only(g) { sign(g) }
fn halved(g: f32[..]) -> f32[..] { 0.5 * g }
fn decayed[rate: f32](g) { g + rate * Net }
fn unit(g) {
  let norm = sqrt(total(g**2))
  g / (norm + 1e-6)
}
let rule = clip_norm[1.0] |> adam[lr=lr]
let plain = sgd[lr=lr]
let twice = unit |> clip_norm[0.5]

step learn(x: f32[8, 4], y: f32[8, 2]) {
  minimize mean((Net(x) - y)**2) using clip_norm[1.0] |> adam[lr=lr]
  minimize mean((Net(x) - y)**2) using rule
  minimize mean((Net(x) - y)**2) using plain
  minimize mean((Net(x) - y)**2) using twice |> sgd[lr=lr]
  minimize mean((Net(x) - y)**2) using sign_only |> halved |> clip(-0.1, 0.1) |> sgd[lr=lr]
  minimize mean((Net(x) - y)**2) using decayed[1e-4] |> rule
}
learn(zeros[8, 4], zeros[8, 2])

step grouped(x: f32[8, 4], y: f32[8, 2]) {
  let loss = mean((Net(x) - y)**2) + mean(extra(x)) + mean(Critic(Net(x)))
  minimize loss
    over Net using sgd[lr=lr], Net.head using clip_norm[1.0] |> adam[lr=lr], Net.*.b using sgd[lr=lr, decay=0]
  minimize loss over extra, Critic, Net.body.w using clip_norm[0.5] |> adam
  minimize loss over Net.*.w using sgd, Net.*.b, extra.b using unit |> sgd[lr=0.1]
  if mean(x) > 0 {
    minimize loss over Critic using sgd[lr=lr]
  } else {
    minimize loss over extra using adam[lr=lr]
  }
}
grouped(zeros[8, 4], zeros[8, 2])

# the loss reaches one model, though the step uses two
step critic(x: f32[8, 4]) {
  let fake = Net(x)
  let score = Critic(detach(fake))
  minimize mean(score) using adam[lr=lr]
  report mean = mean(fake)
}
critic(zeros[8, 4])
