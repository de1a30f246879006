## The mistakes of the sample, as far as the layers it uses exist.

layer Wrong[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[Out, In] ~ glorot
  x @ w                                         # error E0302: the inner dimensions of `@` differ: In against Out
}

model Net(x: f32[B, 1, 28, 28]) -> f32[B, 10] {
  let h = x |> flatten
  let p = h |> flatten |> Dens[10]              # error E0201: there is no layer `Dens`
  let q = Dense[10, biass=false](flatten(x))    # error E0208: `Dense` has no parameter `biass`
  let r = Dense[10](flatten(x)) + ones[B, 1]    # error E0303: the shapes of `+` differ: f32[B, 10] against f32[B, 1]
  p + q + r
}

step learn(image: f32[B, 1, 28, 28], label: index[12][B], right: index[10][B]) {
  report loss = mean(cross_entropy(Net(image), label))          # error E0310: an index[12] is 0 to 11, index[10] is wanted
  minimize cross_entropy(Net(image), right) using sgd[lr=0.1]   # error E0502: `minimize` needs one number, this is f32[B]
}
