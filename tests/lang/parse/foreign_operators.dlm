let a = x && y         # error E0106: `&&` is written `and`
let b = x || y         # error E0106: `||` is written `or`
let c = !x             # error E0106: `!` is written `not`
let d = x ^ 2          # error E0106: a power is written `**`
let e := 3             # error E0106: `:=` is written `=`
let f = x === y        # error E0106: `===` is written `==`
let g = x <> y         # error E0106: `<>` is written `!=`
x += 1                 # error E0106: there is no `+=`: write `x = x + ...`
let h = a − b          # error E0106: minus is written `-`
let i = a ≤ b          # error E0106: `≤` is written `<=`
let j = 'text'         # error E0106: a string stands in double quotes: "text"
let k = “text”         # error E0106: straight double quotes
let l = True           # error E0106: `True` is written `true`
let m = a ? b : c      # error E0106: a choice is written
fn n(x: f32) => f32 { x } # error E0106: `=>` is written `->`
