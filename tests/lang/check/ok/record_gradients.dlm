## grad as a value, gradients of gradients, functions with a derivative of their own.

option lr: f32 = 0.1

model Net(x: f32[B, 4]) -> f32[B, 2] {
  x |> Dense[8] |> tanh |> Dense[2] as head
}

fn slope(x: f32[N]) -> f32[N] { grad(sum(x**3), x) }
fn bend(x: f32[N]) -> f32[N] { grad(sum(slope(x)), x) }
fn at_let(x: f32[N]) -> f32[N] {
  let y = x * 2
  grad(sum(y**2), y)
}
fn at_var(x: f32[N]) -> f32[N] {
  var y = x
  y = y * y
  grad(sum(y**2), y)
}
fn of_record(net, x: f32[_, 4]) { grad(mean(net(x)**2), net) }
layer Penalised(x: f32[B, 4]) -> (f32[B, 2], f32) {
  param w: f32[4, 2] ~ glorot
  let y = x @ w
  (y, sum(grad(sum(y**2), w)**2) + sum(grad(sum(y**2), x)**2))
}
let penalised = Penalised
print(slope([1.0, 2.0]), bend([1.0, 2.0]), at_let([1.0]), at_var([2.0]))
print(total(of_record(Net, ones[3, 4])))
let _, penalty = penalised(ones[2, 4])
print(penalty)

step learn(x: f32[B, 4], y: f32[B, 2]) -> f32 {
  let loss = mean((Net(x) - y)**2)
  let g = grad(loss, Net)
  let fast = Net - 0.01 * g
  let inner = grad(loss, Net.head.w)
  let part = grad(loss, Net.head)
  minimize mean((fast(x) - y)**2) over Net using sgd[lr=lr]
  sum(inner) + total(part) + grad(lr**2, lr)
}
print(learn(ones[3, 4], ones[3, 2]))

# straight through: rounds forward, passes the gradient on
fn through(x: f32[..]) -> f32[..] { round(x) } gradient(dy) { dy }
fn reversed_gradient[weight: f32](x: f32[..]) -> f32[..] { x } gradient(dy) { -weight * dy }
fn both(x: f32[N], y: f32[N], k: index[N]) -> (f32[N], f32) {
  (x * y, x[k])
} gradient(dy) {
  let a, b = dy
  (a * y + b, a * x)
}
fn stable(x: f32[..]) -> f32[..] { log(1 + exp(x)) } gradient(dy) { dy * (1 - exp(-value)) }
fn used(x: f32[N]) -> f32[N] {
  let a, b = both(through(x), stable(x), 0)
  grad(sum(a) + b + sum(reversed_gradient[0.5](x)), x)
}
print(used([0.4, 1.6]))
