## A language model on characters, batch 32 of 64: embedding, GRU of 256, dense 65.

dim Vocab = 65
dim Hidden = 256
dim Batch = 32
dim T = 64

layer Gru[H](x: f32[B, T, In]) -> f32[B, T, H] {
  param wx: f32[In, 3, H] ~ glorot
  param wh: f32[H, 3, H]  ~ glorot
  param bx: f32[3, H]     ~ zeros
  param bh: f32[3, H]     ~ zeros
  var h = zeros[B, H]
  for xt in x along T {
    let xr, xz, xn = unstack[1](einsum["bi,igh->bgh"](xt, wx) + bx)
    let hr, hz, hn = unstack[1](einsum["bh,hgk->bgk"](h, wh) + bh)
    let r = sigmoid(xr + hr)
    let z = sigmoid(xz + hz)
    h = (1 - z) * tanh(xn + r * hn) + z * h
    yield h
  }
}

model Lm(x: index[Vocab][B, T]) -> f32[B, T, Vocab] {
  x |> Embedding[Hidden] |> Gru[Hidden] |> Dense[Vocab]
}

data set {
  x:    index[Vocab][T]  from randint[Vocab, Batch, T]
  next: index[Vocab][T]  from randint[Vocab, Batch, T]
}

train Lm on set {
  batch = Batch; steps = 20
  step (x, next) {
    minimize mean(cross_entropy(Lm(x), next)) using clip_norm[1.0] |> adam[lr=1e-3]
  }
}
