## Axes of one size and one origin are told apart; an empty pack names no axis; a state may have the name of a function.

dim D = 3

fn last(x: f32[_, C]) { sum[C](x) }
fn of_second(x: f32[A, C], y: f32[A, C]) { sum[C](x * y) + sum[C](y) }
fn behind(x: f32[_, C, ..S]) { sum[..S](x**2 + C) }

layer Centred(x: f32[B, C]) -> f32[B, C] {
  state mean: f32[C] ~ zeros
  if training { mean = mean[B](x) }
  x - mean[new, _] + mean(x)
}

let square = reshape[D, D](iota[9])
let a: f32[D] = last(square) + of_second(square, square)
let b: f32[D, D] = behind(square) + behind(reshape[D, D, D](iota[27]))
let centred = Centred
print("{a} {b} {centred(square)}")
