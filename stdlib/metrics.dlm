## Figures that judge a model.

## The share of examples whose largest logit is the label's.
fn accuracy(logits: f32[..S, C], label: index[C][..S]) -> f32 { mean(argmax(logits) == label) }

## How often label r was taken for class c: element [r, c].
fn confusion(guess: index[C][..S], label: index[C][..S]) -> f32[C, C] {
  let guessed = f32(reshape[prod(S)](guess)[_, new] == iota[C])
  let wanted = f32(reshape[prod(S)](label)[_, new] == iota[C])
  transpose(wanted) @ guessed
}

## The harmonic mean of precision and recall of each class, from a confusion matrix; 0 for a class that never occurs.
fn f1_by_class(c: f32[C, C]) -> f32[C] {
  let hits = sum[1](where(iota[C][_, new] == iota[C], c, 0))
  2 * hits / maximum(sum[0](c) + sum[1](c), 1)
}

## The mean of f1_by_class, every class alike (van Rijsbergen 1979).
fn f1(c: f32[C, C]) -> f32 { mean(f1_by_class(c)) }
