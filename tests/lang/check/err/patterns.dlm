fn f(x: f32[N]) -> (f32[N], (f32[N], f32)) { (x, (x / N, sum(x))) }
let a, (b, c, d) = f(ones[3])        # error E0321: 3 names for 2 items: this is (f32[3], f32)
let e, (g, h) = (1, 2)               # error E0321: 2 names for 1 value: this is i64
let k, (m, n) = f(ones[3])           # error E0204: `n` is never used
let (p, q) = f(ones[3])              # error E0321: a list of names stands without parentheses
print(p, q)
print(a, b, c, d, e, g, h, k, m)
