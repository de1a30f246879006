## Every mistake below is found by one `dlc check`, each with its own code, place, cause and fix.

layer Wrong[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[Out, In] ~ glorot
  # error E0302: the inner dimensions of `@` differ: In against Out
  # fix: the other way round they fit: x @ transpose(w)
  x @ w                                         # error: inner dimensions In and Out differ; fix: x @ transpose(w)
}

model Net(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  # error E0323: kernel 31 is larger than the padded height 28
  let h = x |> Conv2d[8, kernel=31]             # error: kernel 31 is larger than the padded height 28
  # error E0201: there is no layer `Dens`
  # fix: did you mean `Dense`?
  let p = h |> flatten |> Dens[10]              # error: no layer Dens; did you mean Dense?
  # error E0208: `Dense` has no parameter `biass`
  # fix: did you mean `bias`?
  let q = Dense[10, biass=false](flatten(x))    # error: Dense has no parameter biass; did you mean bias?
  # error E0303: the shapes of `+` differ: f32[B, 10] against f32[B, 1]
  # label: the last axis is 10 against 1
  # fix: an axis that stretches in place of the 1: Dense[10](flatten(x)) + ones[B, 1][.., 0, new]
  let r = Dense[10](flatten(x)) + ones[B, 1]    # error: axis 1 is 10 against 1; an axis of size 1 is not stretched silently
  p + q + r
}

step learn(image: f32[B, 1, 28, 28], label: index[12][B], right: index[10][B]) {
  # error E0310: an index[12] is 0 to 11, index[10] is wanted
  # label: this is index[12][B]
  report loss = mean(cross_entropy(Net(image), label))          # error: label is index[12], 0 to 11, for 10 classes
  # error E0502: `minimize` needs one number, this is f32[B]
  # fix: mean(...)
  minimize cross_entropy(Net(image), right) using sgd[lr=0.1]   # error: minimize needs a scalar, this is f32[B]; fix: mean(...)
}
