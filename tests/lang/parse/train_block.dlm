train Net on points {
  batch 4                          # error E0101: unexpected number `4`
  step (x, y {                     # error E0103: this `(` is never closed
    minimize mean(x - y) using     # error E0101: unexpected
  }
  validate (x, y) on points test { # error E0101: unexpected name `test`
    report loss mean(x)            # error E0101: unexpected name `mean`
  }
}
let after = 3
