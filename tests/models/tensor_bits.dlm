## Weights that every operation on parts, order and letters had a hand in: their bits are compared between executors.
dim N = 37
dim K = 5

layer Mixed(x: f32[B, N]) -> f32[B, K] {
  param w: f32[N, K] ~ normal(0, 0.3)
  param u: f32[K, K] ~ normal(0, 0.3)
  param table: f32[N, K] ~ normal(0, 0.3)
  let top, at = top_k[K](x)
  var h = einsum["bn,nk->bk"](cumsum(x), w) / N + sort(top @ u)
  h = h + einsum["bik,ii,k->bk"](table[at], u, w[0])
  h[_, 1..3] = std[B, keep=true](h)[_, 0..2] * h[_, 0..2]
  h[argmax(x[_, 0]), index[K]([0, 4])] = [1.5, -0.5]
  let steps = for i, row in 0..K, u {
    h = tanh(h + 0.1 * row * i)
    yield h
  }
  let k = argmin(x[0])
  mean[0](steps) + 0.01 * table[k] + pad[low=1, high=K - 2](einsum["kk->k"](u)[1..2])
}

let net = Mixed

step fit() {
  let x = uniform[7, N](-1, 1)
  let aim = categorical(net(x))
  minimize mean(cross_entropy(net(x), aim)) + mean(f32(f16(net(x)))**2) over net using adam[lr=0.02]
}

for _ in 0..4 { fit() }
