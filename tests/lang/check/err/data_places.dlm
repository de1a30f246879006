## Views and alphabets belong to the program: compiled code sees tensors.
data book {
  char: index[Vocab] from text("book.txt")
}
data d {
  x: f32 from zeros[8]
}
layer Read(i: index[8][B]) -> f32[B] {
  d[i].x                                      # error E0632: compiled code reads the fields of a data set
}
layer Count(y: f32[B]) -> f32[B] {
  y * f32(size(d))                            # error E0632
}
step cut(y: f32[B]) -> f32 {
  mean(windows[2](d.x).x) + mean(y)           # error E0632
}
step spell(i: index[Vocab][B]) -> i64 {
  sum(i64(Vocab.encode("ab"))) + sum(i64(i))  # error E0632: compiled code works on indexes; `encode` belongs to the program
}
let net = Read
let count = Count
print(net(iota[2]), count([0.5]), cut([0.5]), spell(book.char))
