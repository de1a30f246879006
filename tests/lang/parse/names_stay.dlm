fn f(x: f32 y) -> f32 {        # error E0101: unexpected name `y`
  let a = * 3                  # error E0101: unexpected `*`
  a
}
for i in 0..3 3 {              # error E0101: unexpected number `3`
  print(1 2)                   # error E0101: unexpected number `2`
}
let z = f(1)
