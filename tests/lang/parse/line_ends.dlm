let a =                                 # error E0101: unexpected end of line; expected an expression
let b =                                 # error E0101: a line cannot end in `=`
  3
param w: f32[2] ~                       # error E0101: a line cannot end in `~`
  zeros
let c                                   # error E0101: unexpected end of line
fn f(x: f32) -> f32                     # error E0101: unexpected end of line
let d = (1 + 2                          # error E0101: unexpected end of line
  3)
import "a.dlm"                          # error E0101: unexpected end of line; expected `as`
