fn many(x: f32[..S]) -> f32[..S] { x }
fn sums(x: f32[..S]) -> f32 { sum(x) }
assert_gradient(many, [1.0, 2.0])    # error E0502: `grad` differentiates a scalar of floats, this is f32[2]
assert_gradient(3, [1.0, 2.0])       # error E0205: `assert_gradient` takes a function of one tensor, this is a value
assert_gradient(sums, iota[3])       # error E0333: `assert_gradient` moves a tensor of f32 or f64, this is index[3][3]
assert_gradient(sums)                # error E0313: `assert_gradient` takes a function of one tensor, then the tensor
assert_gradient(nothing, 1)          # error E0201: there is no function `nothing`
