## Every declaration of the library, used once.

layer Net(x: f32[B, _]) -> f32[B, 4] {
  let plain = x |> Dense[8, bias=false] |> relu |> leaky_relu[0.2] |> gelu |> silu |> softplus
  let mixed = lerp(plain, clip(plain, 0, 1), 0.5) |> dropout[0.1]
  mixed |> Dense[4] as head
}

model Model(x: f32[B, 6]) -> f32[B, 4] {
  param scale: f32[6] ~ he
  param shift: f32[6] ~ lecun
  param table: f32[3, 6] ~ glorot
  let inner = Net
  let y = inner(x * scale + shift) + inner(x)
  y + (table @ x[0])[0]
}

let x = normal[5, 6](0, 2)
let y = Model(x)
let label = randint[4, 5]
print(softmax(y), softmax[0](y), log_softmax[-1](y), std(y), uniform[2](-1, 1), ones[3], fan_in[3, 4], fan_out[3, 4])
print(mean(cross_entropy(y, label)), accuracy(y, label), mean(mse(y, 0)), mean(huber(y, 1.0)), mean(bce_logits(y, 0.5)))
print(cosine[1e-3, warmup=10](5, 100))
print("{Model.inner.head.w[0, 0]:.3}")

step by_sgd(a: f32[B, 6]) { minimize mean(Model(a)) using sgd[lr=0.1, momentum=0.9, nesterov=true] }
step by_adamw(a: f32[B, 6]) -> f32 {
  let loss = mean(Model(a)**2)
  minimize loss over Model.scale, Model.*.w using adamw[decay=0.1], Model.shift using adam
  loss
}
print(by_adamw(x))
let _ = by_sgd(x)

## An instance made outside a loop may be used in it, also for the first time.
layer Deep(x: f32[N, M]) -> f32[N, M] {
  let inner = Dense[M]
  var h = x
  for _ in 0..3 { h = inner(h) }
  h
}
let deep = Deep
print(deep(zeros[2, 3]))
