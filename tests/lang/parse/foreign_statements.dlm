def scale(x: f32) -> f32 { 2*x }       # error E0106: `def` is written `fn`
let f = lambda x: x + 1                # error E0106: there is no `lambda`
let part = x[1:3]                      # error E0106: a part of an axis is written `1..3`
let head = x[:3]                       # error E0106: written `0..3`
let tail = x[1:]                       # error E0106: written `1..`
let all = x[:, 0]                      # error E0106: an axis that is kept whole is written `_`
fn g(x: f32) -> f32 { return 2*x }     # error E0106: there is no `return`
let y = a if b else c                  # error E0106: a choice is written `if c { a } else { b }`
count: i64 = 3                         # error E0101: a new name begins with `let`
if a { b } elif c { d }                # error E0106: `elif` is written `else if`
let z = 3 /* text */                            # error E0106: a comment begins with `#`
