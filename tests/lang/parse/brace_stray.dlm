fn f(x: f32) -> f32 {
  x
}
}                              # error E0103: this `}` closes nothing
let a = 3
