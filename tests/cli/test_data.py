#!/usr/bin/env python3
"""Data files and saved files from outside: where they are looked for, what damaged ones say, what comes back.

usage: test_data.py DLC SOURCE_FOLDER
"""
import gzip
import io
import json
import os
import struct
import unittest
import zipfile

from support import DONE, ERRORS, FILES, FOLDER, CommandLine, dlc, main


def idx(code, extents, data):
    return bytes([0, 0, code, len(extents)]) + b"".join(struct.pack(">I", n) for n in extents) + data


def npy(kind, shape, data, fortran=False):
    header = f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


class Sources(CommandLine):
    def program(self, fields, then="print(d.x)"):
        return self.write("data.dlm", f"data d {{\n  {fields}\n}}\n{then}\n")

    def test_idx(self):
        self.write("x.idx.gz", gzip.compress(idx(8, [2, 3], bytes([1, 2, 3, 4, 5, 6]))))
        self.expect(DONE, "run", self.program('x: u8[3] from idx("x.idx.gz")'), out="[[1, 2, 3], [4, 5, 6]]")
        self.expect(FILES, "run", self.program('x: u8[4] from idx("x.idx.gz")'),
                    err="error[E0612]: field x is declared u8[4] for each record, but the data has u8[3]")
        self.expect(FILES, "run", self.program('x: f32[3] from idx("x.idx.gz")'), err="but the data has u8[3]")

    def test_labels_are_proven(self):
        self.write("y.idx", idx(8, [3], bytes([0, 9, 4])))
        self.expect(DONE, "run", self.program('x: index[10] from idx("y.idx")', "let w = [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
                                              "print(w[d.x])"), out="[0.5, 9, 4]")
        self.expect(FILES, "run", self.program('x: index[9] from idx("y.idx")'),
                    err="error[E0613]: record 1 of field x is 9, which is no index[9]")
        self.write("z.idx", idx(12, [2], struct.pack(">ii", 1, -1)))
        self.expect(FILES, "run", self.program('x: index[9] from idx("z.idx")'), err="record 1 of field x is -1")

    def test_fields_have_one_length(self):
        self.write("x.idx", idx(8, [2], b"ab"))
        self.write("y.idx", idx(8, [3], b"abc"))
        fields = 'x: u8 from idx("x.idx")\n  y: u8 from idx("y.idx")'
        result = self.expect(FILES, "run", self.program(fields, "print(d.x, d.y)"), err="error[E0614]")
        self.assertIn("y was read from y.idx", result.stderr)

    def test_a_data_block_with_a_mistake_is_a_mistake_of_the_program(self):
        self.write("x.idx", idx(8, [2], b"ab"))
        parts = 'x: u8 from idx("x.idx")\n  split a = 0.5, b = 0.9'
        self.expect(ERRORS, "run", self.program(parts, "print(d.a)"), err="error[E0602]")
        self.expect(ERRORS, "check", self.program('x: u8 from idx("x.idx")\n  split a = 0.5', "print(d.c.x)"), err="error[E0603]")

    def test_fields_that_nobody_names_are_not_read(self):
        self.write("x.idx", idx(8, [2], b"ab"))
        fields = 'x: u8 from idx("x.idx")\n  y: u8 from idx("not-there.idx")'
        self.expect(DONE, "run", self.program(fields, "print(d.x)"), out="[97, 98]")
        self.expect(FILES, "run", self.program(fields, "print(d.x, d.y)"), err="error[E0616]")
        self.expect(FILES, "run", self.program(fields, "print(d)"), err="error[E0616]")

    def test_sets_of_the_library_are_reported_where_they_are_named(self):
        file = self.write("use.dlm", "let a = 1\nprint(a)\nprint(mnist.test.label)\n")
        result = self.expect(FILES, "run", file, err="use.dlm:3:7", settings={"DLC_DATA": str(FOLDER / "nothing")})
        self.assertIn("error[E0616]: there is no data file mnist/t10k-labels-idx1-ubyte.gz", result.stderr)
        self.assertIn("label is declared here", result.stderr)

    def test_missing_and_damaged_files(self):
        file = self.program('x: u8 from idx("no/such.idx")')
        settings = {"DLC_DATA": str(FOLDER / "elsewhere")}
        result = self.expect(FILES, "run", file, err="error[E0616]: there is no data file no/such.idx", settings=settings)
        self.assertIn(f"looked for {FOLDER}/no/such.idx", result.stderr)
        self.assertIn(f"looked for {FOLDER}/elsewhere/no/such.idx (of $DLC_DATA)", result.stderr)
        self.expect(FILES, "run", file, err="set DLC_DATA to the folder", settings={"DLC_DATA": ""})
        folder = FOLDER / "elsewhere" / "no"
        folder.mkdir(parents=True)
        (folder / "such.idx").write_bytes(idx(8, [2], b"\1\2"))
        self.expect(DONE, "run", file, out="[1, 2]", settings=settings)
        (folder / "such.idx").write_bytes(idx(8, [2], b"\1"))
        self.expect(FILES, "run", file, settings=settings, err="it ends inside the elements: 1 of 2 bytes are there")
        (folder / "such.idx").write_bytes(gzip.compress(idx(8, [2], b"\1\2"))[:-5])
        self.expect(FILES, "run", file, settings=settings, err="error[E0617]")
        self.expect(FILES, "run", self.program('x: u8 from idx("elsewhere")'), err="it is a folder")

    def test_csv(self):
        self.write("t.csv", 'name,"a, b",y\nx,1,0\n"z ""q""",2.5,2\n')
        self.expect(FILES, "run", self.program('x: f32 from csv("t.csv", "c")'), err='its columns: name, a, b, y')
        self.expect(DONE, "run", self.program('x: f32 from csv("t.csv", "a, b")'), out="[1, 2.5]")
        self.expect(DONE, "run", self.program('x: f32[2] from csv("t.csv", "a, b", "y")'), out="[[1, 0], [2.5, 2]]")
        self.expect(DONE, "run", self.program('y: index[3] from csv("t.csv")', "print(d.y)"), out="[0, 2]")
        self.expect(FILES, "run", self.program('x: i32 from csv("t.csv", "a, b")'), err="record 1 of field x is 2.5, which is no i32")
        self.expect(FILES, "run", self.program('x: f32 from csv("t.csv", "name")'), err='"x" is no number')

    def test_numpy(self):
        data = npy("<f4", "(2, 2)", struct.pack("<4f", 1, 2, 3, 4), fortran=True)
        self.write("x.npy", data)
        self.expect(DONE, "run", self.program('x: f32[2] from npy("x.npy")'), out="[[1, 3], [2, 4]]")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("x.npy", data)
            file.writestr("other.npy", npy("<i8", "(2,)", struct.pack("<2q", 7, 8)))
        self.write("a.npz", archive.getvalue())
        fields = 'x: f32[2] from npz("a.npz")\n  y: i64 from npz("a.npz", "other")'
        self.expect(DONE, "run", self.program(fields, "print(d.x, d.y)"), out="[[1, 3], [2, 4]] [7, 8]")
        self.expect(FILES, "run", self.program('z: f32 from npz("a.npz")', "print(d.z)"), err='no array "z"')


BOOK = """data book {
  char: index[Vocab] from text("book.txt", unit="character")
  split train = 0.75, valid = 0.25
}
"""


class Texts(CommandLine):
    def run_book(self, then, **more):
        return self.expect(more.pop("code", DONE), "run", self.write("book.dlm", BOOK + then), **more)

    def test_an_alphabet_is_what_occurs(self):
        self.write("book.txt", "h\u00e9llo w\u00f6rld\n")
        self.run_book('print(book.char, size(book), Vocab.encode("\u00f6h"), Vocab.decode([8, 0]), '
                      '"<{Vocab.decode(book.train.char)}>")',
                      out="[3, 8, 4, 4, 5, 1, 7, 9, 6, 4, 2, 0] 12 [9, 3] \u00e9\n <h\u00e9llo w\u00f6r>\n")
        self.run_book("let w: f32[Vocab] = zeros\nprint(w, Vocab)", out="[0, 0, 0, 0, 0, 0, 0, 0, 0, 0] 10")
        self.write("book.txt", "ab")
        self.run_book("let w: f32[Vocab] = zeros\nprint(w, Vocab)", out="[0, 0] 2")
        result = self.run_book('print(Vocab.encode("abc"))', code=FILES)
        self.assertIn("error[E0633]: the alphabet has no character `c`", result.stderr)
        self.assertIn("Vocab has what occurs in book.txt", result.stderr)
        self.run_book("print(Vocab.decode([0, 2]))", code=FILES, err="Vocab has 2 elements, none of the number 2")

    def test_check_needs_no_text(self):
        net = "model Net(x: index[Vocab][B]) -> f32[B, 3] { param w: f32[Vocab, 3] ~ zeros; w[x] }\nprint(Net(book.char))\n"
        file = self.write("unread.dlm", BOOK.replace("book.txt", "unread.txt") + net)
        self.expect(DONE, "check", file, out="3*Vocab parameters")
        result = self.expect(FILES, "run", file, err="error[E0616]: there is no data file unread.txt")
        self.assertIn("unread.dlm:2:3", result.stderr)
        self.expect(FILES, "emit", "--c", file, err="error[E0616]")
        self.write("unread.txt", b"ab\xff")
        self.expect(FILES, "run", file, err="it is no UTF-8 text: byte 2 begins no character")
        self.write("unread.txt", gzip.compress(b"abca"))
        self.expect(DONE, "run", file, out="[[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]")
        self.expect(DONE, "emit", "--c", file, "-o", FOLDER / "unread")
        self.assertIn("f32[3, 3]", (FOLDER / "unread_Net_initial.h").read_text())
        (FOLDER / "unread.txt").unlink()
        self.expect(DONE, "run", self.write("apart.dlm", BOOK.replace("book.txt", "unread.txt") + "print(3)"), out="3")

    def test_what_the_size_decides_is_said_when_it_is_known(self):
        self.write("book.txt", "abcab")
        layer = "fn half(x: f32[N]) -> f32[N/2, 2] given N % 2 == 0 { reshape[N/2, 2](x) }\n"
        file = self.write("half.dlm", BOOK + layer + "let w: f32[Vocab] = zeros\nprint(half(w))\n")
        self.expect(DONE, "check", file)
        self.expect(ERRORS, "run", file, err="error[E0308]")
        self.write("book.txt", "abcd")
        self.expect(DONE, "run", file, out="[[0, 0], [0, 0]]")

    def test_texts_share_an_alphabet(self):
        self.write("book.txt", "abcab")
        self.write("second.txt", "cabd")
        second = 'data second { char: index[Vocab] from text("second.txt") }\nprint(second.char)'
        result = self.run_book(second, code=FILES)
        self.assertIn("error[E0633]", result.stderr)
        self.assertIn("record 3 is the character `d`, which the alphabet lacks", result.stderr)
        self.write("second.txt", "cab")
        self.run_book(second, out="[2, 0, 1]")

    def test_words(self):
        self.write("words.txt", "to be  or\nnot to be\n")
        words = 'data w {\n  word: index[Words] from text("words.txt", unit="word")\n}\n'
        file = self.write("words.dlm", words + 'print(w.word, Words, Words.encode("not be"), Words.decode(w.word))')
        self.expect(DONE, "run", file, out="[3, 0, 2, 1, 3, 0] 4 [1, 0] to be or not to be\n")
        file = self.write("words.dlm", words + 'print(Words.encode("to sleep"))')
        self.expect(FILES, "run", file, err="the alphabet has no word `sleep`")

    def test_windows_and_batches(self):
        self.write("book.txt", "abcdefgh")
        self.run_book("let w = windows[2](book.char)\nprint(w.x, w.next, size(w))",
                      out="[[0, 1], [2, 3], [4, 5]] [[1, 2], [3, 4], [5, 6]] 3")
        self.run_book("print(windows[2, stride=1](book.train.char).x)", out="[[0, 1], [1, 2], [2, 3], [3, 4]]\n")
        self.run_book("for (x, next) in batches[2](windows[2](book.char)) { print(x, next, mean(f32(x))) }",
                      out="[[0, 1], [2, 3]] [[1, 2], [3, 4]] 1.5\n[[4, 5]] [[5, 6]] 4.5\n")
        self.run_book("print(windows[2](book.valid.char).x)", code=FILES,
                      err="error[E0634]: a window of 2 and the one behind it need 3 rows, there are 2")

    def test_contiguous_streams(self):
        """Step k has window b*L + k in row b, L windows for each stream; what is left over is dropped."""
        self.write("book.txt", "".join(chr(ord("a") + i) for i in range(15)))  # windows of 2: 7
        model = "model M(x: f32[B]) -> f32[B] { param w: f32 ~ ones; w*x }\n"
        body = "train M on windows[2](book.char) {\n  batch = 2; contiguous = true; epochs = 1\n" \
               "  step (x, next) { minimize mean(M(f32(x[_, 0]))) using sgd[lr=1]; report top = last(mean(f32(x[0]))); " \
               "report low = last(mean(f32(x[1]))) }\n}\n"
        result = dlc("run", self.write("book.dlm", BOOK + model + f"let r = {body}print(r.top, r.low)"))
        if "the setting `contiguous` cannot be run yet" in result.stderr: self.skipTest("the setting is not run yet")
        self.assertIn("4.5 10.5", result.stdout)  # windows 2 and 5 of 0..6, in the last of 3 steps

    def test_a_real_text(self):
        if not os.path.exists(os.path.join(os.environ.get("DLC_DATA", ""), "tinyshakespeare", "input.txt")):
            self.skipTest("no tinyshakespeare in $DLC_DATA")
        text = BOOK.replace("book.txt", "tinyshakespeare/input.txt").replace("0.75", "0.9").replace("0.25", "0.1")
        file = self.write("real.dlm", text + """
model Lm(x: index[Vocab][B, T]) -> f32[B, T, Vocab] { x |> Embedding[8] |> Dense[Vocab] }
train Lm on windows[16, stride=1](book.train.char) {
  batch = 8; shuffle = true; steps = 20
  step (x, next) { minimize mean(cross_entropy(Lm(x), next)) using sgd[lr=0.1] }
  validate (x, next) on windows[16](book.valid.char)[0..20] { report loss = mean(cross_entropy(Lm(x), next)) }
}
print(Vocab, size(book), size(windows[16, stride=1](book.train.char)), Vocab.decode(book.char[0..13]))
""")
        self.expect(DONE, "run", file, out="65 1115394 1003839 First Citizen")
        self.assertEqual(*(self.expect(DONE, "run", file, "--digest", *more).stdout.split("digest")[1]
                           for more in ([], ["--interp", "--threads", 2])))


class Views(CommandLine):
    SET = """data d {
  let v = [1.5, 2.5, 3.5, 4.5, 5.5]
  rating: f32 from v
  id: i64 from [10, 11, 12, 13, 14]
"""

    def print(self, values, more="", **expected):
        file = self.write("views.dlm", self.SET + more + "}\n" + f"print({values})\n")
        return self.expect(FILES if "err" in expected else DONE, "run", file, **expected)

    def test_records(self):
        self.print("d[1..3].id, d[-2..].id, d[3..].id, d[0..-3].id", out="[11, 12] [13, 14] [13, 14] [10, 11]")
        self.print("d[[4, 0, 0]].id, d[d.rating > 3].rating, d[d.rating > 3][1..].id", out="[14, 10, 10] [3.5, 4.5, 5.5] [13, 14]")
        self.print("size(d[d.rating > 9]), d[d.rating > 9].id", out="0 []")
        self.print("d[i64(d.rating)].id", err="number 4 of these is 5, and the set has 5 records")
        self.print("d[0..i64(sum(d.rating))].id", err="error[E0634]: this asks for records 0 to 17 of a set of 5")
        self.print("d[i64(d.rating[3])..i64(d.rating[0])].id", err="the range ends before it begins")

    def test_sizes_that_meet_at_run_time(self):
        self.print("d[d.rating > 3].rating + d[d.id > 11].rating", out="[7, 9, 11]")
        self.print("d[d.rating > 3].rating + d[d.id > 12].rating", err="error[E0635]")
        self.print("d[d.rating > 3].rating * d.rating", err="error[E0635]: size(d[d.rating > 3]) is 3, and must be 5 here")
        for values in ("d[d.id > {}].rating @ d[d.rating > 3].rating", 'einsum["n,n->"](d[d.id > {}].rating, d[d.rating > 3].rating)',
                       "stack(d[d.id > {}].rating, d[d.rating > 3].rating)", "reshape[3](d[d.id > {}].rating)",
                       "concat[1](d[d.id > {}].rating[_, new], d[d.rating > 3].rating[_, new])"):
            self.print(values.format(11))
            self.print(values.format(12), err="error[E0635]")
        for size, expected in ((3, {"out": "[6.5"}), (4, {"err": "error[E0635]: this has the size 3, and 4 is wanted"})):
            then = f"}}\nlet z: f32[{size}] = d[d.id > 11].rating\nprint(z + 3)\n"
            self.expect(FILES if size == 4 else DONE, "run", self.write("let.dlm", self.SET + then), **expected)
        then = "}\nstep s(p: f32[N], q: f32[N]) -> f32 { sum(p*q) }\nprint(s(d[d.id > 11].rating, d[d.rating > %d].rating))\n"
        self.expect(DONE, "run", self.write("step.dlm", self.SET + then % 3), out="62.75")
        self.expect(FILES, "run", self.write("step.dlm", self.SET + then % 2), err="error[E0635]: N is 3, and must be 4 here")

    def test_emitted_code_says_what_it_compares(self):
        file = self.write("meet.dlm", "step s(p: f32[N]) -> f32 { p[0] + sum(p[0..2]) }\nprint(s([1, 2, 3.5]))\n")
        self.expect(DONE, "run", file, out="4\n")
        self.expect(DONE, "emit", "--c", file, "-o", FOLDER / "meet")
        self.assertIn("or where one of these does not hold:\n * 1 <= N, 2 <= N;", (FOLDER / "meet_s.h").read_text())

    def test_nothing_beside_a_run_time_axis_is_read(self):
        then = "}\nfor (rating, id) in batches[2](d) { print(rating[%d], id[0..%d]) }\n"
        self.expect(DONE, "run", self.write("beside.dlm", self.SET + then % (0, 1)), out="5.5 [14]")
        for numbers in ((1, 1), (0, 2)):
            self.expect(ERRORS, "run", self.write("beside.dlm", self.SET + then % numbers),
                        err="error[E0309]: this goes up to 2 of an axis of batch, which is 1")
        self.expect(ERRORS, "run", self.write("beside.dlm", self.SET + "}\nprint(d[d.id > 12].id[2])\n"), err="error[E0309]")

    def test_a_condition_may_choose_more_each_time(self):
        then = "}\nfor i in 0..5 {\n  let s = d[d.rating < f32(i) + 1.6]\n  print(size(s), sum(s.rating * 2))\n}\n"
        file = self.write("grow.dlm", self.SET + then)
        self.expect(DONE, "run", file, out="1 3\n2 8\n3 15\n4 24\n5 35\n")
        step = "}\nstep total(x: f32[N]) -> f32 { sum(x) }\nfor i in 0..5 { print(total(d[d.rating < f32(i) + 1.6].rating)) }\n"
        self.expect(DONE, "run", self.write("grow.dlm", self.SET + step), out="1.5\n4\n7.5\n12\n17.5\n")

    def test_split(self):
        self.print("d.a.id, d.b.id, d.c.id", "  split a = 0.4, b = 0.2, c = 0.4\n", out="[10, 11] [12] [13, 14]")
        result = self.print("d.a.id, d.b.id, d.a.rating, d.b.rating", "  split a = 0.6, b = 0.4\n  shuffle = 7\n")
        numbers = [float(n) for n in result.stdout.replace("[", " ").replace("]", " ").replace(",", " ").split()]
        self.assertEqual(sorted(numbers[:5]), [10, 11, 12, 13, 14])
        self.assertNotEqual(numbers[:5], [10, 11, 12, 13, 14])
        self.assertEqual([n - 8.5 for n in numbers[:5]], numbers[5:])  # fields stay together

    def test_steps_read_fields(self):
        then = "}\nstep take(i: index[5][B]) -> f32[B] { d.rating[i] + f32(d.id[i]) }\nprint(take(iota[5]), take(iota[2]))\n"
        self.expect(DONE, "run", self.write("step.dlm", self.SET + then), out="[11.5, 13.5, 15.5, 17.5, 19.5] [11.5, 13.5]")

    def test_training_on_views(self):
        then = """}
model Line(x: f32[B]) -> f32[B] { param w: f32 ~ ones; w*x }
train Line on d[d.rating > 2][0..3] {
  batch = 2; epochs = 2
  step (rating, id) { minimize mean(Line(rating)) using sgd[lr=1]; report n = mean(f32(id)) }
  validate (rating) on d[3..] { report top = mean(rating) }
}
print(Line.w)
"""
        result = self.expect(DONE, "run", self.write("train.dlm", self.SET + then), out="-")
        self.assertIn("n             12", result.stderr)
        self.assertIn("top", result.stderr)


NET = """
model Net(x: f32[B, 2]) -> f32[B, 3] { x |> Dense[4] |> tanh |> Dense[3] as head }
"""


class Files(CommandLine):
    def test_weights_come_back(self):
        file = self.write("save.dlm", NET + """
let w = Net.head.w
save(Net, "out/deep/net.safetensors")
Net.head.w = ones[4, 3]
load(Net, "out/deep/net.safetensors")
assert_close(Net.head.w, w, 0)
print(sum(w))
""")
        first = self.expect(DONE, "run", file, "--digest").stdout
        self.assertEqual([entry.name for entry in (FOLDER / "out" / "deep").iterdir()], ["net.safetensors"])
        data = (FOLDER / "out" / "deep" / "net.safetensors").read_bytes()
        header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
        self.assertEqual(set(header), {"dense_1.w", "dense_1.b", "head.w", "head.b"})
        self.assertEqual(header["head.w"]["shape"], [4, 3])
        other = self.write("load.dlm", NET + 'load(Net, "out/deep/net.safetensors")\nprint(sum(Net.head.w))')
        second = self.expect(DONE, "run", other, "--seed", 9, "--digest").stdout
        self.assertEqual(first, second)
        wide = self.write("wide.dlm", NET.replace("Dense[4]", "Dense[5]") + 'load(Net, "out/deep/net.safetensors")')
        self.expect(FILES, "run", wide, err="dense_1.w is f32[2, 4] there and f32[2, 5] here")
        small = self.write("small.dlm", 'model Net(x: f32[B, 2]) -> f32[B, 4] { x |> Dense[4] }\n'
                           'load(Net, "out/deep/net.safetensors")')
        self.expect(FILES, "run", small, err="its tensor head.w has no place here")
        (FOLDER / "cut.safetensors").write_bytes(data[:-1])
        self.expect(FILES, "run", self.write("cut.dlm", NET + 'load(Net, "cut.safetensors")'), err="error[E0617]")
        self.expect(FILES, "run", self.write("none.dlm", NET + 'load(Net, "none.safetensors")'), err="there is no such file")

    def test_computed_records_are_saved(self):
        file = self.write("average.dlm", NET + """
let before = Net
let doubled = 2 * Net
save(doubled, "doubled.safetensors")
save(Net.head, "head.safetensors")
load(Net, "doubled.safetensors")
assert_close(flat(Net), 2 * flat(before), 0)
load(Net.head, "head.safetensors")
assert_close(Net.head.w, before.head.w, 0)
""")
        self.expect(DONE, "run", file)
        copy = self.write("copy.dlm", NET + 'let a = Net\nload(a, "doubled.safetensors")')
        self.expect(ERRORS, "run", copy, err="weights are loaded into an instance, this is a computed record")

    def test_pictures(self):
        file = self.write("png.dlm", 'let x = uniform[5, 4, 6]\nwrite_png(grid[columns=2](x), "grid.png")\n'
                          'write_png(x[0], "one.png")\nprint(grid[columns=2](x)[0, 0, 0] == x[0, 0, 0])')
        self.expect(DONE, "run", file, out="true")
        for name, width, height in (("grid.png", 14, 16), ("one.png", 6, 4)):
            data = (FOLDER / name).read_bytes()
            self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(struct.unpack(">II", data[16:24]), (width, height))
        bad = self.write("bad.dlm", 'write_png(uniform[2, 3], "/proc/no/picture.png")')
        self.expect(FILES, "run", bad, err="error[E0004]: /proc/no/picture.png cannot be written")


if __name__ == "__main__":
    main()
