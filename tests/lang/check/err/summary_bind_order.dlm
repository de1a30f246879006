fn halves(x: f32[2*A, A, B], y: f32[B + 1]) -> f32[B] { sum[0](sum[0](x)) + y[0..B] }
fn around(x: f32[..S, _], y: f32[..S]) -> f32[..S] { sum[-1](x) + y }

print(halves(zeros[5, 3, 2], zeros[3]))   # error E0304: `x` of `halves` has another shape: axis 0 is 5, 6 is wanted
print(around(zeros[2, 4], 1.0))           # error E0304: `y` of `around` does not go with what is before it
print(around(zeros[4], zeros[2]))         # error E0304: `y` of `around` does not go with what is before it
