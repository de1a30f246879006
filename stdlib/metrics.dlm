## Figures that judge a model.

## The share of examples whose largest logit is the label's.
fn accuracy(logits: f32[..S, C], label: index[C][..S]) -> f32 { mean(argmax(logits) == label) }
