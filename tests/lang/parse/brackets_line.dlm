let a = f(x                    # error E0103: this `(` is never closed
let b = f(x]                   # error E0103: this `]` closes a `(`
let c = f(x))                  # error E0103: this `)` closes nothing
let d = x[1, (2, 3]            # error E0103: this `(` is never closed
let e = f(x[1)                 # error E0103: this `[` is never closed
let f = 3
