## States and params of the top level, steps in steps, procedures; what was saved goes on as if nothing had happened.

dim Memory = 16
state ring: f32[Memory, 4] ~ zeros
state used: bool[Memory] ~ zeros
state turns: i64 ~ 0
param picture: f32[3, 4] ~ full[3, 4](2)

layer Values(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[8] |> tanh |> Dense[2] }

let q = Values

step remember(x: f32[4]) -> f32 {
  ring = lerp(ring, x, 0.25)
  used = not used
  turns = turns + 1
  sum(ring)
}

step improve(x: f32[B, 4]) {
  minimize mean(q(x)**2) over q using sgd[lr=0.1]
  report size = last(mean(abs(q(x))))
}

## One step that calls the two others.
step play(x: f32[4]) -> (f32, f32) {
  let total = remember(x)
  let r = improve(ring)
  (total, r.size)
}

step paint() {
  minimize mean((picture - 5)**2) over picture using sgd[lr=1.0]
}

fn turn(n: i64, net, named: string) -> f32 {
  var last = 0.0
  for i in 0..n {
    let total, size = play([1.0, f32(i), 0.5, -1.0])
    last = total + size
    if i == 3 { print("{named}: {turns} turns") }
  }
  last + mean(net(ring))
}

let first = turn(5, q, "first")
save("out/program_states.safetensors")
let second = turn(4, q, "second")
let ring_then = ring
let weights_then = q.dense_1.w
load("out/program_states.safetensors")
let again = turn(4, q, "again")
let is_same = all(ring == ring_then) and all(q.dense_1.w == weights_then)

var rounds = 0
while mean(picture) < 4.99 {
  paint()
  rounds = rounds + 1
  if rounds > 100 { break }
}

let swept = train {
  steps = 3; save = "out/program_states_block.safetensors"
  step () {
    let r = improve(uniform[6, 4](-1, 1))
    turns = turns + 10
    report halved = last(r.size / 2)
  }
}

test "what was saved goes on with the same bits" {
  assert(second == again and first != second)
  assert(is_same)
  assert(turns == 9 + 30)
}

test "a param of the top level is trained" {
  assert(rounds > 10 and rounds < 100)
  assert_close(picture, full[3, 4](5), 0.02)
}

test "the block saves what it changes" {
  assert(swept.size == 2 * swept.halved)
  turns = 0
  load("out/program_states_block.safetensors")
  assert(turns == 39)
}
