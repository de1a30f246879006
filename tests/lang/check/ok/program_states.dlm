# `state` and `param` at top level, steps in steps, procedures.
dim Memory = 8
state ring: f32[Memory, 2] ~ zeros
state flags: bool[Memory]  ~ zeros
state ids: index[3][Memory] ~ ones
let content = 2 * ones[3, 4]
param picture: f32[3, 4] ~ content
param free ~ normal[2]
state count: i64 ~ 0

model Net(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }

fn mean_of_ring() -> f32 { mean(ring) + mean(free) }

step remember(x: f32[2]) -> (f32, bool) {
  ring = ring + x
  flags = not flags
  count = count + 1
  (sum(ring), any(flags))
}

step paint() {
  let loss = mean((picture - 5)**2)
  minimize loss over picture using sgd[lr=1.0]
  report loss = loss
  report hits = ratio(sum(picture), 3.0)
}

# A step calls steps; without `->` what they give is the record of their reports.
step outer(x: f32[B, 2]) -> f32 {
  let total, _ = remember(x[0])
  let r = paint()
  paint()
  fit(x)
  total + r.loss + r.hits
}

step fit(x: f32[B, 2]) {
  minimize mean(Net(x)**2) + sum(free**2) over Net using adam[lr=0.1], free using sgd[lr=0.1]
}

# Procedures: they call steps, print and train.
fn play(n: i64) -> f32 {
  var best = 0.0
  for i in 0..n {
    let t, _ = remember([f32(i), 0.0])
    best = maximum(best, t)
    if t > 100 { print("turn {i}: {t}"); break }
  }
  best
}

fn show(net, name: string) { print("{name}: {mean(net(ones[3, 2]))}") }

fn tune(net, rate: f32, rounds: i64) -> f32 {
  var last = 0.0
  var left = rounds
  while left > 0 {
    let r = train {
      steps = 5; seed = left
      step () { minimize mean(net(normal[4, 2])**2) over net using sgd[lr=rate] }
    }
    last = r.loss
    left = left - 1
  }
  show(net, "tuned")
  last
}

fn uncalled(x: f32[2]) { remember(x); print("done") }  # allow W0213: it is only checked

layer Small(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }
let one = Small
let two = Small

remember([1.0, 2.0])
outer(ones[4, 2])
outer(ones[5, 2])
print("{play(3)} {count} {mean_of_ring()} {ids} {tune(one, 0.1, 2) + tune(two, 0.2, 3)}")
ring = zeros
count = count + 1
picture = picture * 2
save("all.safetensors")
load("all.safetensors")
seed(7)
