if c:                # error E0106: a block stands in `{ }`
  print(1)
else:                # error E0106: a block stands in `{ }`
  print(2)
for i in 0..3:       # error E0106: a block stands in `{ }`
  for j in 0..3:     # error E0106: a block stands in `{ }`
    print(i, j)
def f(x: f32):       # error E0106: a block stands in `{ }`
  2*x
let last = 1
