## Mistakes with grad, derivatives of one's own, transforms and groups.

model Net(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[8] as body |> tanh |> Dense[2] as head }
model Other(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] }

fn no_name(x: f32) -> f32 { grad(x**2, 2 * x) }  # error E0333: `grad` differentiates by something with a name
fn no_float(x: f32, k: i64) -> f32 { grad(x * k, k) }  # error E0333: `grad` differentiates by floats, this is i64
fn no_scalar(x: f32[N]) -> f32[N] { grad(x**2, x) }    # error E0502: `grad` differentiates a scalar of floats, this is f32[N]
fn one_argument(x: f32) -> f32 { grad(x**2) }    # error E0313: `grad` takes an expression and what to differentiate by

let x = ones[3, 4]
let loss = mean(Net(x)**2)
print(total(grad(loss, Net)))                    # error E0333: this was computed before, by a statement of its own
print(total(grad(mean(Other(x)), Net)))          # error E0333: this was computed before

fn too_few(u: f32[N], v: f32[N]) -> f32[N] { u * v } gradient(dy) { dy * v }  # error E0334: gives 1 value, it has 2 float inputs: `u`, `v`
fn too_many(u: f32[N]) -> f32[N] { u } gradient(dy) { (dy, dy) }  # error E0334: gives 2 values, it has 1 float input: `u`
fn wrong_shape(u: f32[N], v: f32[M]) -> f32 { sum(u) * sum(v) } gradient(dy) { (dy * u, sum(v)) }  # error E0301: the gradient of `v` is f32[M], this is f32
fn no_inputs(k: index[4]) -> f32 { f32(k) } gradient(dy) { dy }  # error E0334: `no_inputs` has no float inputs
fn no_gradient(u: f32[N]) -> bool[N] { u > 0 } gradient(dy) { u }  # error E0334: the result of `no_gradient` is no float
layer Own(u: f32[B, 4]) -> f32[B, 4] { u } gradient(dy) { dy }  # error E0334: `gradient` belongs to a `fn`

fn norm(g) { sqrt(total(g**2)) }
fn other(g) { g + Other }
step learn(s: f32[8, 4]) {
  let y = mean(Net(s)**2)
  let fast = Net - 0.1 * grad(y, Net)
  minimize y using norm |> sgd[lr=0.1]           # error E0542: a transform of the gradient gives a record of gradients again, this gives f32
  minimize y using other |> sgd[lr=0.1]          # error E0330: `+`: records of different layers, `Net` and `Other`
  minimize y using clip_norm[1.0]                # error E0505: an optimizer is wanted behind `using`
  minimize y using clip_norm[1.0] |> norm        # error E0505: the pipe behind `using` ends in an optimizer
  minimize y using adam |> sgd[lr=0.1]           # error E0505: `adam` and `sgd` are both optimizers
  minimize y using clip_nrm[1.0] |> sgd          # error E0201: `clip_nrm`
  minimize y using clip_norm |> sgd              # error E0314: `clip_norm` needs `limit` in brackets
  minimize y over Net using sgd, Net.haed using adam  # error E0540: this path names no weights of `Net`
  minimize y over Net.head.v using sgd           # error E0540: this path names no weights of `Net`
  minimize y over Net.*.bias using sgd           # error E0540: this path names no weights of `Net`
  minimize y over Net.head using adam, Net using sgd  # warning W0541: no weight is left for this group
  minimize mean(fast(s)) over fast using sgd     # error E0503: `fast` is a computed record, a value
  minimize y + mean(Other(s)) using sgd          # error E0503: the loss reaches several models: which one is trained?
  minimize mean(detach(Net(s))) using sgd        # error E0503: the loss reaches no weights
}
learn(ones[8, 4])
