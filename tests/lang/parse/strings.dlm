let a = "open
# error E0105: this string is not closed on its line
let b = "a \q b"               # error E0105: there is no escape `\q`
let c = "value {x
# error E0105: this string is not closed on its line
let d = "value {f(x} end"      # error E0103: this `(` is never closed
let e = "value {} end"         # error E0101: unexpected end of the value in a string; expected an expression
let f = "value {x:.4} and {y + {z}}" # error E0101: unexpected `{`
let g = "fine {loss:.4} \{ {"inner {x}"}"
