let a = 1.                     # error E0104: digit on both sides of its point: 1.0
let b = .5                     # error E0104: digit on both sides of its point: 0.5
let c = 12abc                  # error E0104: `12abc` is neither a number nor a name
let d = 9223372036854775808    # error E0104: the number is too large
let e = größe                  # error E0104: names are made of the letters
let f = 3 $ 4                  # error E0104: `$` means nothing here
let g = 0x1f + 1_000 + 1e-3
