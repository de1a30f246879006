let a = zeros[9223372036854775807, 9223372036854775807]    # error E0318: no memory holds so many elements
let b = ones[4_000_000_000] * ones[1]                      # error E0303
let c = outer(zeros[4_000_000_000], zeros[4_000_000_000])  # error E0318: no memory holds so many elements
fn outer(x: f32[N], y: f32[M]) -> f32[N, M] { x[_, new] * y }
print(sum(a) + sum(b) + sum(c))
let x = zeros[1, 1, 1, 1, 1, 1, 1, 1]
print(sum(x[new]))       # error E0307: a tensor has at most 8 axes
print(sum(stack(x, x)))  # error E0307: a tensor has at most 8 axes
