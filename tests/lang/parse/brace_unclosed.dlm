train Net on points {          # error E0103: this `{` is never closed
  batch = 4
  step (x, y) {
    minimize mean(x - y) using sgd[lr=0.1]
  }

print("still at the top")
fn f(x: f32) -> f32 {
  if x > 0 {                   # error E0103: this `{` is never closed
    x
}
let a = 3
