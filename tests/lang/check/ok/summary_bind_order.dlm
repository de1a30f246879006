# A size may be made of a name that a later axis, or a later input, binds.
fn halves(x: f32[2*A, A, B], y: f32[B + 1]) -> f32[B] { sum[0](sum[0](x)) + y[0..B] }
fn later(x: f32[A + B], a: f32[A], b: f32[B]) -> f32[A + B] { x + concat[0](a, b) }
fn around(x: f32[..S, _], y: f32[..S]) -> f32[..S] { sum[-1](x) + y }

print(halves(zeros[6, 3, 2], zeros[3]))
print(later(zeros[5], zeros[2], zeros[3]))
print(around(zeros[4], 1.0))
