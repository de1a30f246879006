#!/usr/bin/env python3
"""Data files and saved files from outside: where they are looked for, what damaged ones say, what comes back.

usage: test_data.py DLC SOURCE_FOLDER
"""
import gzip
import io
import json
import struct
import unittest
import zipfile

from support import DONE, FILES, FOLDER, CommandLine, main


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
