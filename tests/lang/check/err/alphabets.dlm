## Alphabets: what binds them, what belongs to them.
dim Taken = 65
data book {
  char: index[Vocab] from text("book.txt", unit="character")
}
data other {
  char: index[Vocab] from text("other.txt")
  line: index[Lines] from text("book.txt", unit="line")     # error E0630: `unit` is "character" or "word"
}
data words { word: index[Vocab] from text("book.txt", unit="word") } # error E0630: `Vocab` is an alphabet of characters, and this text is read by words
data literal { char: index[65] from text("book.txt") }      # error E0630: `text` gives one character of an alphabet for each record
data rows { char: index[Rows][8] from text("book.txt") }    # error E0630: `text` gives one character
data float { char: f32 from text("book.txt") }              # error E0630: `text` gives one character
data taken { char: index[Taken] from text("book.txt") }     # error E0630: `text` binds its alphabet, but `Taken` is declared already
data none { char: index[Empty] from text() }                # error E0601: `text` takes the path of a file
data two { char: index[Two] from text("a.txt", "b.txt") }   # error E0601: `text` takes the path of a file
data number { char: index[Number] from text(3) }            # error E0601: `text` takes the path of a file
data setting { char: index[Set] from text("a.txt", lower=true) } # error E0208: the source `text` has no parameter `lower`
data labels { y: index[Classes] from idx("labels.idx") }    # error E0201: there is no dimension `Classes`
data column { y: f32 from csv("a.csv", column="y") }        # error E0208: the source `csv` has no parameter `column`

print(other.char)
print(Vocab.encode(3))                                      # error E0630: `encode` takes a string, this is i64
print(Vocab.decode("a"))                                    # error E0630: `decode` takes indexes, this is string
print(Vocab.decode(0.5))                                    # error E0630: `decode` takes indexes, this is f32
print(Vocab.decode(book.char == 0))                         # error E0630: `decode` takes indexes, this is bool
print(Vocab.encode("a", "b"))                               # error E0313: `encode` takes 1 argument, 2 given
print(Vocab.length("a"))                                    # error E0630: an alphabet has `encode` and `decode`, no `length`
print(Taken.encode("a"))                                    # error E0207: i64 has no fields
