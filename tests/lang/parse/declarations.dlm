dim = = 3                      # error E0101: unexpected
option lr = 3                  # error E0101: unexpected `=`; expected `:`
layer Dense[Out(x: f32) -> f32 { x }   # error E0103: this `[` is never closed
fn f(x f32) -> f32 { x }       # error E0101: unexpected name `f32`
state s: f32[3] = zeros        # error E0101: unexpected `=`
every 20 { print(1) }          # error E0101: write `every epoch
test recovers { assert(true) } # error E0101: unexpected name `recovers`
fn g(h: foo(x: f32)) -> f32 { h(1) }  # error E0101: only `fn`, `layer` and `optimizer`
minimize loss over Net         # error E0101: unexpected end of line; expected `using`
