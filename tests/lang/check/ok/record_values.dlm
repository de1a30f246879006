## Weights are values: snapshots, computed records, what works leaf by leaf, assignment.

layer Values(s: f32[B, 4]) -> f32[B, 2] {
  s |> Dense[8] |> relu |> Dense[2] as head
}
model Net(x: f32[B, 4]) -> f32[B, 2] {
  x |> Dense[8] |> tanh |> Dense[2] as head
}
layer Wide(x: f32[B, 4]) -> f32[B, 2] {
  state seen: f32[4] ~ zeros
  if training { seen = lerp(seen, mean[0](x), 0.1) }
  (x - seen) |> Dense[2]
}

let q = Values
let target = Values
let wide = Wide
target = q                                       # before any call: the declared inputs fix the sizes
target.head = q.head
q.head.b = [0.5, 0.5]

let x = normal[3, 4]
let a = Net                                      # a snapshot
let b = Net.head                                 # of a part
print(a(x), a.head.w, sum(b.b), b(ones[1, 8]))

# operators and functions over plain `..` shapes, leaf by leaf; scalars go with every leaf
let sums = q + target * 2 - 0.5
let signs = sign(q) * abs(target) / 2.0
let mask = where(abs(q) > 0.1, q, 0)
let mean_of = lerp(q, target, 0.001)
let clipped = clip(q, -0.1, 0.1)
let bent = relu(-q)
let powers = sqrt(q**2)
let more = maximum(q, target)
print(total(sums), total(signs), total(mask), total(mean_of), total(clipped), total(bent), total(powers), total(more))
print((q - 0.1 * target)(x))                     # a computed record is called as the layer is

fn squares(r) { total(r**2) }
fn apply(net, input: f32[_, 4]) { net(input) }
fn mixed(u: f32[..], v: f32[..], t: f32) -> f32[..] { u + t * (v - u) }
print(squares(Net), squares(q), apply(Net, x), apply(q - target, x), total(mixed(q, target, t=0.5)))
print(total(mixed(v=target, u=q, t=0.5)))

# one vector and back, new weights
let v = flat(Net)
let back = like(Net, 0.5 * v)
print(v, back(x), fresh(Net)(x), total(fresh(q)))

# a changed copy
var r = Net
r.head.w = r.head.w / sqrt(sum(r.head.w**2))
r.dense_1 = Net.dense_1 * 0.5
r = r * 2
print(r(x))

step learn(s: f32[B, 4]) -> f32 {
  let before = q
  q = lerp(q, target, 0.1)
  target.head.b = target.head.b * 0.5
  Net.head = Net.head * 0.99
  var copy = q
  copy.head.b = zeros
  let _ = wide(s)
  total((q - before)**2) + mean(copy(s))
}
print(learn(x))
for i in 0..3 { if i % 2 == 0 { target = q } }
let chosen = if mean(x) > 0 { q } else { target }
print(chosen(x))
