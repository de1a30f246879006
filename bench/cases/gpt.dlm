## A small GPT, batch 12 of 64 characters: blocks before which a norm stands, causal attention, tied embedding.

option Width: dim = 128
option Heads: dim = 4
option Depth: dim = 4
option Context: dim = 64
option Batch: dim = 12
dim Vocab = 65

layer Attention[N](x: f32[B, T, E]) -> f32[B, T, E] given E % N == 0 {
  let q, k, v = x |> Dense[3*E, bias=false] |> reshape[B, T, 3, N, E/N] |> unstack[2]
  let score = einsum["bthd,bshd->bhts"](q, k) / sqrt(E/N)
  let weight = softmax(where(causal_mask[T, T], score, -inf))
  einsum["bhts,bshd->bthd"](weight, v) |> reshape[B, T, E] |> Dense[E, bias=false]
}

layer Block[N](x: f32[B, T, E]) -> f32[B, T, E] given E % N == 0 {
  let a = x + (x |> LayerNorm |> Attention[N])
  a + (a |> LayerNorm |> Dense[4*E] |> gelu |> Dense[E])
}

model Gpt(x: index[Vocab][B, Context]) -> f32[B, Context, Vocab] {
  param token:    f32[Vocab, Width]   ~ normal(0, 0.02)
  param position: f32[Context, Width] ~ normal(0, 0.02)
  let h = token[x] + position |> Stack[Depth, Block[Heads]] |> LayerNorm
  h @ transpose(token)
}

data set {
  x:    index[Vocab][Context]  from randint[Vocab, Batch, Context]
  next: index[Vocab][Context]  from randint[Vocab, Batch, Context]
}

train Gpt on set {
  batch = Batch; steps = 20
  step (x, next) {
    minimize mean(cross_entropy(Gpt(x), next))
      using clip_norm[1.0] |> adamw[lr=1e-3, beta2=0.99, decay=0.1]
  }
}
