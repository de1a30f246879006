## Mistakes that people make with sequences and attention.

# heads that do not divide the width
layer Attention[Heads](x: f32[B, T, E]) -> f32[B, T, E] given E % Heads == 0 {
  let q = x |> Dense[E] |> reshape[B, T, Heads, E/Heads]
  q |> reshape[B, T, E]
}

# error E0308: `Attention` needs `E % Heads == 0`
# label: E is 100, Heads is 7
model Seven(x: f32[B, 16, 100]) -> f32[B, 16, 100] { x |> Attention[7] }

# the same without the fact: the division cannot be exact
layer NoFact[Heads](x: f32[B, T, E]) -> f32[B, T, E] {
  let q = x |> reshape[B, T, Heads, E/Heads]
  q |> reshape[B, T, E]
}

# keys were not transposed
# error E0302: the inner dimensions of `@` differ: D against S
fn scores(q: f32[B, T, D], k: f32[B, S, D]) -> f32[B, T, S] { q @ k }

# sequence and batch swapped
# warning W0209: the dimension `T` is named and never used again
# fix: write `_` for a size that does not matter
fn last_state(x: f32[T, B, H]) -> f32[B, H] { x[-1] }
# error E0301: the result of `Reader` is f32[B, H], this is f32[T, H]
# label: axis 0 is T instead of B
layer Reader(x: f32[B, T, H]) -> f32[B, H] { last_state(x) }

# a mask of the wrong rank
fn masked(s: f32[B, N, T, T], mask: bool[T, T]) -> f32[B, N, T, T] { where(mask, s, -1e9) }
# error E0303: the shapes of `where` differ: bool[B, T] against f32[B, N, T, T]
# label: axis -2 is B against T
fn mask_rows(s: f32[B, N, T, T], mask: bool[B, T]) -> f32[B, N, T, T] { where(mask, s, -1e9) }
# error E0305: `where` asks for a bool first, this is f32[T, T]
fn mask_float(s: f32[T, T], mask: f32[T, T]) -> f32[T, T] { where(mask, s, 0) }

# positions are longer than the sequence
layer Positions[Max](x: f32[B, T, E]) -> f32[B, T, E] {
  param p: f32[Max, E] ~ normal(0, 0.02)
  # error E0303: the shapes of `+` differ: f32[B, T, E] against f32[Max, E]
  # label: axis -2 is T against Max
  x + p
}

layer PositionsRight[Max](x: f32[B, T, E]) -> f32[B, T, E] given T <= Max {
  param p: f32[Max, E] ~ normal(0, 0.02)
  x + p[0..T]
}

# an embedding of a number of another range
layer Words[E](t: index[100][B, T]) -> f32[B, T, E] {
  param table: f32[50, E] ~ normal
  # error E0310: index[100] does not fit an axis of size 50
  # fix: index[50](...) checks the value when it runs
  table[t]
}

# token numbers as plain integers
layer Plain[E](t: i64[B, T]) -> f32[B, T, E] {
  param table: f32[50, E] ~ normal
  table[t]
}

# tokens as floats
layer Floats[E](t: f32[B, T]) -> f32[B, T, E] {
  param table: f32[50, E] ~ normal
  # error E0310: an index is a whole number or a tensor of indexes, this is f32[B, T]
  # fix: index[50](...) converts and checks
  table[t]
}

# softmax over the wrong axis has the right shape, but the sum over a name that is gone does not
# error E0201: there is no dimension `S`
fn pooled(x: f32[B, T, H]) -> f32[B, H] { sum[S](x) }
# error E0306: f32[B, H] has no axis T
fn pooled_twice(x: f32[B, T, H]) -> f32[B, H] { sum[T](sum[T](x)) }

# one step behind: the target is shorter
# error E0304: `label` of `cross_entropy` does not go with what is before it: `..S` is [B, T] there and [B, T - 1] here
# label: this is index[V][B, T - 1]
fn shifted(logits: f32[B, T, V], next: index[V][B, T]) -> f32[B, T] { cross_entropy(logits, next[_, 1..]) }

# logits and labels in another order
# error E0304: `label` of `cross_entropy` does not go with what is before it: `..S` is [B, V] there and [B, T] here
# label: this is index[V][B, T]
fn loss(logits: f32[B, V, T], next: index[V][B, T]) -> f32 { mean(cross_entropy(logits, next)) }

# letters of an einsum
# error E0301: the result of `mixed` is f32[B, T, S], this is f32[B, S, T]
# label: axis 1 is S instead of T
# fix: in the other order they fit: transpose(einsum["btd,bsd->bst"](q, k))
fn mixed(q: f32[B, T, D], k: f32[B, S, D]) -> f32[B, T, S] { einsum["btd,bsd->bst"](q, k) }
fn letters(q: f32[B, T, D], k: f32[B, S, D]) -> f32[B, T, S] { einsum["btd,bsx->bts"](q, k) }
# error E0322: letter `d` is both D and E
fn inner(q: f32[B, T, D], k: f32[B, S, E]) -> f32[B, T, S] { einsum["btd,bsd->bts"](q, k) }
# error E0322: f32[S, D] has 2 axes, its letters are 3
fn ranks(q: f32[B, T, D], k: f32[S, D]) -> f32[B, T, S] { einsum["btd,bsd->bts"](q, k) }

# a state of another shape than it started with
fn rnn(x: f32[B, T, H], w: f32[H, H]) -> f32[B, H] {
  var h = zeros[H]
  for xt in x along T {
    # error E0340: `h` is f32[H] when the loop begins, a turn makes it f32[B, H]
    # fix: let the `var` begin as f32[B, H], or use `repeat`, whose copies may change it
    h = tanh(xt @ w + h)
  }
  h
}

fn rnn_right(x: f32[B, T, H], w: f32[H, H]) -> f32[B, H] {
  var h = zeros[B, H]
  for xt in x along T {
    h = tanh(xt @ w + h)
  }
  h
}

# a window past the end
# error E0309: index 12 lies outside an axis of size 10
fn window(x: f32[10, H]) -> f32[4, H] { x[8..12] }
# error E0309: this range ends before it begins
fn reversed_window(x: f32[10, H]) -> f32[4, H] { x[4..0] }
