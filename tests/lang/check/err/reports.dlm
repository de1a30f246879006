model Net(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }

step often(x: f32[B, 2]) {
  for i in 0..3 {
    let gap = mean(Net(x)**2)
    minimize gap over Net using sgd[lr=0.1]
    report loss = gap                            # error E0507: `loss` is one number for each call, and stands in a loop
  }
}
step perhaps(x: f32[B, 2]) {
  let gap = mean(Net(x)**2)
  if gap > 0.5 { report large = gap }            # error E0507: `large` is one number for each call, and stands in a branch
  report gap = gap
}
step yielded(x: f32[B, 2]) {
  let gaps = for i in 0..3 {
    let gap = mean(Net(x)**2)
    minimize gap over Net using sgd[lr=0.1]
    yield gap
  }
  report loss = mean(gaps)
  report last = gaps[-1]
}
often(ones[3, 2])
perhaps(ones[3, 2])
yielded(ones[3, 2])
