## A language model on characters, batch 32 of 64: embedding, LSTM of 256, dense 65.

dim Vocab = 65
dim Hidden = 256
dim Batch = 32
dim T = 64

layer Lstm[H](x: f32[B, T, In]) -> f32[B, T, H] {
  param wx: f32[In, 4, H] ~ glorot
  param wh: f32[H, 4, H]  ~ glorot
  param bx: f32[4, H]     ~ zeros
  param bh: f32[4, H]     ~ zeros
  var h = zeros[B, H]
  var c = zeros[B, H]
  for xt in x along T {
    let gates = einsum["bi,igh->bgh"](xt, wx) + einsum["bh,hgk->bgk"](h, wh) + bx + bh
    let i, f, g, o = unstack[1](gates)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    yield h
  }
}

model Lm(x: index[Vocab][B, T]) -> f32[B, T, Vocab] {
  x |> Embedding[Hidden] |> Lstm[Hidden] |> Dense[Vocab]
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
