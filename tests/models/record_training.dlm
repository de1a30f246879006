## Records of weights in training: a clipped gradient before Adam, groups of `over`, a gradient through a gradient step,
## an average of weights.  Weights begin as a formula, so that another program can compute the same numbers:
## tests/oracle/record_training.py.

## A number between -0.5 and 0.5 for the i-th element that looks random.
fn pattern[..S] -> f32[..S] { f32((reshape[..S](iota[prod(S)]) * 37 + 11) % 101) / 101 - 0.5 }

layer Affine[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ pattern
  param b: f32[Out]     ~ zeros
  x @ w + b
}
layer Small(x: f32[B, 3]) -> f32[B, 2] {
  x |> Affine[5] as body |> tanh |> Affine[2] as head
}

fn inputs -> f32[8, 3] { 2 * pattern[8, 3] }
fn wanted -> f32[8, 2] { 2 * reverse[0](pattern[8, 2]) }
fn error_of(net, x: f32[N, 3], y: f32[N, 2]) -> f32 { mean((net(x) - y)**2) }

let clipped = Small
step clip_step() {
  minimize error_of(clipped, inputs, wanted) using clip_norm[0.05] |> adam[lr=0.01]
}

let grouped = Small
step group_step() {
  minimize error_of(grouped, inputs, wanted)
    over grouped using sgd[lr=0.1, decay=0.01],
      grouped.head using clip_norm[0.02] |> adam[lr=0.01],
      grouped.*.b using sgd[lr=0.2, decay=0]
}

# Model-agnostic meta-learning (Finn et al. 2017): the loss after a step on other examples.
let learned = Small
step meta_step() {
  let x = inputs
  let y = wanted
  let fast = learned - 0.5 * grad(error_of(learned, x[0..4], y[0..4]), learned)
  minimize error_of(fast, x[4..8], y[4..8]) over learned using sgd[lr=0.2]
}

# A penalty on the gradient itself, and the average of the weights on the way.
let smooth = Small
let averaged = Small
step smooth_step() {
  let loss = error_of(smooth, inputs, wanted)
  minimize loss + 0.1 * total(grad(loss, smooth)**2) over smooth using sgd[lr=0.1]
  averaged = lerp(averaged, smooth, 0.25)
}

averaged = smooth
for _ in 0..5 { clip_step() }
for _ in 0..3 { group_step() }
for _ in 0..3 { meta_step() }
for _ in 0..3 { smooth_step() }

test "a clipped gradient before Adam" {
  assert_close(flat(clipped), [
    -0.34100273, 0.00301571, 0.29177127, -0.28532022, 0.12439713, 0.49057913, -0.24325289, 0.22347921,
    -0.41043404, -0.13997626, 0.22752256, -0.41057210, 0.05517055, 0.42146846, -0.31197388, 0.04926915,
    -0.04904686, 0.04863270, 0.04801242, 0.04946773, -0.35098636, 0.02542996, 0.31492470, -0.34229239,
    0.02410888, 0.49028796, -0.14412557, 0.12371744, -0.50961478, -0.14427431, -0.04924550, 0.04863970
  ], 2e-6)
}

test "groups of `over`" {
  assert_close(flat(grouped), [
    -0.38662889, -0.02438401, 0.33401164, -0.29119361, 0.08001682, 0.44204992, -0.21145449, 0.19566952,
    -0.45088906, -0.09531729, 0.26781291, -0.36539296, 0.01918792, 0.37361701, -0.26857689, 0.02203229,
    -0.03523133, 0.01404312, 0.01320879, 0.02496425, -0.36112999, 0.00524334, 0.31659238, -0.32211754,
    0.04426636, 0.47063396, -0.16339305, 0.14345394, -0.49020364, -0.12407721, -0.06192000, 0.04595951
  ], 2e-6)
}

test "a gradient through a gradient step" {
  assert_close(flat(learned), [
    -0.37882108, -0.04511531, 0.34621196, -0.28123497, 0.09294010, 0.43779232, -0.25698504, 0.26136798,
    -0.42519488, -0.13371589, 0.28767459, -0.35660120, -0.00514841, 0.35248329, -0.24949425, 0.00814647,
    -0.01464123, 0.00179332, 0.00201729, 0.00135701, -0.37041014, 0.04896374, 0.35056953, -0.32189420,
    0.05635097, 0.47711671, -0.19819347, 0.06977962, -0.46096706, -0.09350890, -0.01161964, 0.01079420
  ], 2e-6)
}

test "a penalty on the gradient, averaged weights" {
  assert_close(flat(averaged), [
    -0.38966731, -0.02440017, 0.33837647, -0.29225087, 0.07674678, 0.44195252, -0.20175378, 0.18345770,
    -0.45631234, -0.09392988, 0.26963331, -0.36250246, 0.01076291, 0.37254136, -0.26597258, 0.00694264,
    -0.01123944, 0.00437753, 0.00478354, 0.00808729, -0.39023893, -0.00898954, 0.34048287, -0.30074866,
    0.07195426, 0.44232305, -0.18777060, 0.16905321, -0.46163332, -0.10004076, -0.02025498, 0.01469839
  ], 2e-6)
}
