## An alphabet is a dimension of the file, declared where `data` first names it and visible everywhere.
layer Letters[H](x: index[Vocab][B, T]) -> f32[B, T, H] {
  param table: f32[Vocab, H] ~ normal(0, 0.02)
  table[x]
}
model Lm(x: index[Vocab][B, T]) -> f32[B, T, Vocab] { x |> Letters[16] |> Dense[Vocab] }

data book {
  char: index[Vocab] from text("book.txt", unit="character")
  split train = 0.9, valid = 0.1
}
data second { char: index[Vocab] from text("second.txt") }
data words { word: index[Words] from text("book.txt", unit="word") }

train Lm on windows[64, stride=1](book.train.char) {
  batch = 4; steps = 10
  step (x, next) { minimize mean(cross_entropy(Lm(x), next)) using sgd[lr=0.1] }
  validate (x, next) on windows[64](book.valid.char)[0..240] { report loss = mean(cross_entropy(Lm(x), next)) }
}

let start: index[Vocab][2] = Vocab.encode("\né")
var next = Vocab.encode("\n")
for i in 0..3 { next = argmax(Lm(next[new])[0, -1])[new] }
print(Vocab.decode(next), Vocab.decode(argmax(Lm(start[new]))), Vocab.decode(book.valid.char), Vocab.decode(3))
print(size(second), Words.decode(words.word), Words.encode("to be or not"), Vocab.encode("{size(book)}"))
let counts: f32[Vocab] = zeros
print(sum(counts))
