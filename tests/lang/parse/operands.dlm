let a = 1 + if c { 1 } else { 2 }       # error E0101: `if` stands in parentheses
let b = x |> relu + 1                   # error E0101: only `|>` can follow a pipe's stage
let c = 0 < x < 1                       # error E0101: comparisons do not chain
if a = b { print(1) }                   # error E0101: `=` cannot stand inside an expression; `==` compares
let d = f(x,, y)                        # error E0101: unexpected `,`
let e = * 3                             # error E0101: unexpected `*`; expected an expression
let f = (1 + ) * 2                      # error E0101: unexpected `)`; expected an expression
let g = x y                             # error E0101: unexpected name `y`
let in = 3                              # error E0101: `in` is a word of the language
let h = 0..3                            # error E0101: unexpected `..`
let i = x[]                             # error E0101: unexpected `]`
