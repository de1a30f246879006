## models/gpt.dlm, smaller, on tokens made by a formula: its losses are those of tests/oracle/models.py.

dim Vocab = 11
dim Width = 8
dim Heads = 2
dim Depth = 2
dim N = 12

data book {
  char: index[Vocab] from iota[8*N + 1] * iota[8*N + 1] * 7 % Vocab
}

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

model Gpt(x: index[Vocab][B, T]) -> f32[B, T, Vocab] given T <= 8 {
  param wte: f32[Vocab, Width] ~ normal(0, 0.02)
  param wpe: f32[8, Width]     ~ normal(0, 0.02)
  let h = wte[x] + wpe[0..T] |> Stack[Depth, Block[Heads]] |> LayerNorm
  h @ transpose(wte)
}

train Gpt on windows[8](book.char) {
  batch = 6; epochs = 10

  step (x, next) {
    let loss = mean(cross_entropy(Gpt(x), next))
    minimize loss
      using clip_norm[1.0] |> adamw[lr=cosine[1e-3, warmup=5, floor=1e-4](t, total), beta2=0.99, decay=0.1]
    report loss = loss
  }
}

let all = windows[8](book.char)[0..12]
print("{mean(cross_entropy(Gpt(all.x), all.next)):.8}")
