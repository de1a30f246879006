#!/usr/bin/env python3
"""Sizes that only data, a call or the command line decides: what holds is computed, what does not is said in the user's
words, and no way round a comparison gives a number.

usage: test_sizes.py DLC SOURCE_FOLDER
"""
import struct
import subprocess

from support import DONE, ERRORS, FILES, FOLDER, CommandLine, main

PAIRS = "fn pairs(x: f32[T]) -> f32[T/2, 2] given T % 2 == 0 { reshape[T/2, 2](x) }\n"


def table(count):
    return "a,b\n" + "".join(f"{i},{2 * i}\n" for i in range(count))


class Sizes(CommandLine):
    SET = 'data d {\n  a: f32 from csv("t.csv", "a")\n  b: f32 from csv("t.csv", "b")\n}\n'

    def records(self, count):
        self.write("t.csv", table(count))

    def run_text(self, text, code=DONE, **expected):
        return self.expect(code, "run", self.write("sizes.dlm", text), **expected)

    def says(self, result, *texts):
        for text in texts:
            self.assertIn(text, result.stderr)


class Given(Sizes):
    def test_of_a_function(self):
        text = self.SET + PAIRS + "print(pairs(d.a))\n"
        self.records(6)
        self.expect(DONE, "check", self.write("sizes.dlm", text))
        self.run_text(text, out="[[0, 1], [2, 3], [4, 5]]")
        self.records(7)
        self.expect(DONE, "check", self.write("sizes.dlm", text))
        result = self.run_text(text, ERRORS, err="error[E0308]: `pairs` needs `T % 2 == 0`")
        self.says(result, "sizes.dlm:6:7", "this is false", "T is size(d), which is 7", "T % 2 is 1",
                  "size(d) is 7: the records of t.csv")

    def test_of_every_file_format(self):
        self.write("x.idx", bytes([0, 0, 8, 1]) + struct.pack(">I", 5) + bytes(5))
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }\n"
        self.write("x.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(20))
        self.write("x.txt", "abcde")
        for kind, field, name in (("u8", 'idx("x.idx")', "x.idx"), ("f32", 'npy("x.npy")', "x.npy"),
                                  ("index[Letters]", 'text("x.txt")', "x.txt")):
            text = f"data d {{ x: {kind} from {field} }}\n" + PAIRS + "print(pairs(f32(d.x)))\n"
            self.says(self.run_text(text, ERRORS, err="error[E0308]"), f"size(d) is 5: the records of {name}")

    def test_alphabet(self):
        book = 'data book { char: index[Vocab] from text("book.txt") }\n'
        text = book + PAIRS + "let w: f32[Vocab] = zeros\nprint(pairs(w), book.char[0])\n"
        halved = book + "let w: f32[Vocab/2] = ones\nprint(w, book.char[0])\n"
        self.write("book.txt", "abcab")
        for program in (text, halved):
            self.expect(DONE, "check", self.write("sizes.dlm", program))
        self.says(self.run_text(text, ERRORS, err="error[E0308]"), "3 comes from this data", "T is 3")
        self.says(self.run_text(halved, ERRORS, err="error[E0312]: 2 does not divide Vocab, which is 3"), "3 comes from this data")
        self.write("book.txt", "abcd")
        self.run_text(text, out="[[0, 0], [0, 0]] 0")
        self.run_text(halved, out="[1, 1] 0")

    def test_option(self):
        text = "option N: dim = 8\n" + PAIRS + "print(pairs(ones[N]))\n"
        self.run_text(text, out="[[1, 1], [1, 1], [1, 1], [1, 1]]")
        result = self.expect(ERRORS, "run", FOLDER / "sizes.dlm", "--n", 7, err="error[E0308]: `pairs` needs `T % 2 == 0`")
        self.says(result, "T is 7", "7 comes from this N")

    def test_and_or_not(self):
        text = self.SET + "fn f(x: f32[N]) -> f32 given {} { sum(x) }\nprint(f(d.a))\n"
        for condition, counts in (("N >= 4 and N % 2 == 0", (4, 6)), ("N < 3 or N == 5", (1, 2, 5)), ("not (N == 3)", (1, 2, 4, 5, 6)),
                                  ("N/3 >= 2", (6,)), ("2*N - 4 > N", (5, 6)), ("N != 2 and not (N > 4)", (1, 3, 4))):
            for count in range(1, 7):
                self.records(count)
                holds = count in counts
                program = text.replace("given {}", f"given {condition}")
                self.run_text(program, DONE if holds else ERRORS, **({} if holds else {"err": "error[E0"}))

    def test_of_a_step(self):
        step = "step s(x: f32[N], y: f32[M]) -> f32 given N >= 2 * M { sum(x) + sum(y) }\n"
        text = self.SET + step + "print(s(d.a, d[d.a > 2].a))\n"
        self.records(5)
        self.run_text(text, out="17")
        self.records(7)
        self.says(self.run_text(text, ERRORS, err="error[E0308]: `s` needs `N >= 2 * M`"), "N is 7 here", "M is 4 here", "2 * M is 8",
                  "size(d) is 7: the records of t.csv")
        result = self.expect(ERRORS, "check", self.write("sizes.dlm", step + "print(s(ones[3], ones[2]))\n"), err="error[E0308]")
        self.says(result, "N is 3, M is 2", "this is false")

    def test_inside_a_step(self):
        self.records(7)
        text = self.SET + PAIRS + "step s(x: f32[N]) -> f32 { sum(pairs(x)) }\nprint(s(d.a))\n"
        self.says(self.run_text(text, ERRORS, err="sizes.dlm:6:32"), "T is N, which is 7", "N is 7 here", "the records of t.csv")

    def test_of_a_model_and_a_procedure(self):
        self.records(3)
        model = "model Net(x: f32[B]) -> f32[B] given B >= {} { param w: f32 ~ ones; w*x }\nprint(Net(d.a))\n"
        self.run_text(self.SET + model.replace("{}", "3", 1), out="[0, 1, 2]")
        self.says(self.run_text(self.SET + model.replace("{}", "4", 1), ERRORS, err="`Net` needs `B >= 4`"), "B is size(d), which is 3")
        show = "fn show(x: f32[T]) given T % 2 == 0 { print(T) }\nfor (a, b) in batches[2](d) { show(a + b) }\n"
        result = self.run_text(self.SET + show, ERRORS, out="2\n", err="error[E0308]: `show` needs `T % 2 == 0`")
        self.says(result, "T is batch, which is 1")

    def test_last_batch(self):
        text = self.SET + PAIRS + """model Net(x: f32[B]) -> f32[B] { param w: f32 ~ ones; w*x }
train Net on d {
  batch = 4; epochs = 1
  step (a, b) { minimize mean(pairs(Net(a)) - pairs(b)) using sgd[lr=0.1] }
}
"""
        self.records(8)
        self.run_text(text)
        self.records(7)
        result = self.run_text(text, ERRORS, err="error[E0308]")
        self.says(result, "T is batch, which is 3", "a last batch, with 3 of 4 examples", "keep_short = false")
        self.run_text(text.replace("epochs = 1", "epochs = 1; keep_short = false"))


class Divisions(Sizes):
    def test_that_leave_a_remainder(self):
        text = self.SET + "fn halves(x: f32[T]) -> f32[2, T/2] { reshape[2, T/2](x) }\nprint(halves(d.a))\n"
        self.records(4)
        self.run_text(text, out="[[0, 1], [2, 3]]")
        self.records(5)
        result = self.run_text(text, ERRORS, err="error[E0312]: 2 does not divide size(d), which is 5")
        self.says(result, "size(d) is 5: the records of t.csv")

    def test_by_zero_and_below_zero(self):
        self.records(3)
        text = self.SET + "step s(x: f32[N], y: f32[M]) -> f32[N//M] { zeros[N//M] }\nprint(s(d.a, d[d.a > {}].a))\n"
        self.run_text(text.replace("{}", "0"), out="[0]")
        self.run_text(text.replace("{}", "9"), ERRORS, err="error[E0312]: a size is divided by M, which is 0")
        text = self.SET + "fn rest(x: f32[A]) -> f32[A - 5] { x[5..] }\nprint(rest(d.a))\n"
        self.run_text(text, ERRORS, err="error[E0311]: a size is never negative; this is size(d) - 5, which is -2")
        self.records(7)
        self.run_text(text, out="[5, 6]")


class Ranges(Sizes):
    """Nothing before or behind an axis is read or written."""

    def test_that_begin_before_the_axis(self):
        self.records(7)
        for body in ("sum(x[N - M..])", "x[N - M]", "x[N - M..N - M + 1][0]", "sum(changed(x, y))"):
            changed = "fn changed(x: f32[A], y: f32[B]) -> f32[A] { var z = x; z[A - B] = 9.0; z }\n" if "changed" in body else ""
            text = self.SET + changed + f"fn f(x: f32[N], y: f32[M]) -> f32 {{ {body} + 0*sum(y) }}\nprint(f({{}}))\n"
            self.run_text(text.replace("{}", "d.a, d[d.a > 3].a"))
            self.says(self.run_text(text.replace("{}", "d[d.a > 3].a, d.a"), ERRORS, err="error[E0309]: this begins at"),
                      "which is -4, before the axis does")

    def test_that_end_behind_it(self):
        self.records(5)
        text = self.SET + "fn f(x: f32[N], y: f32[M]) -> f32 { sum(x[0..M]) + 0*sum(y) }\nprint(f({}))\n"
        self.run_text(text.replace("{}", "d.a, d[d.a > 1].a"), out="3")
        self.run_text(text.replace("{}", "d[d.a > 1].a, d.a"), ERRORS, err="error[E0309]: this goes up to 5 of an axis of")

    def test_that_name_an_element_of_none(self):
        self.records(5)
        text = self.SET + "print(argmax(d[d.a > {}].a))\n"
        self.run_text(text.replace("{}", "3"), out="0")
        self.says(self.run_text(text.replace("{}", "9"), ERRORS, err="error[E0309]: this axis has no element to name"),
                  "its size is size(d[d.a > 9]), which is 0")


class Types(Sizes):
    def test_of_inputs(self):
        programs = ("fn f(x: f32[6]) -> f32 { sum(x) }\nprint(f(d.a))\n", "fn show(x: f32[6]) { print(sum(x)) }\nshow(d.a)\n",
                    "fn f(x: f32[N], y: f32[N]) -> f32 { sum(x) + 0*sum(y) }\nprint(f(d.a, d[d.a < 6].a))\n",
                    "fn f(x: f32[..S], y: f32[..S]) -> f32 { sum(x) + 0*sum(y) }\nprint(f(d.a, d[d.a < 6].a))\n",
                    "type Six = f32[6]\nfn f(x: Six) -> f32 { sum(x) }\nprint(f(d.a))\n",
                    "fn even(x: f32[N]) -> f32[N] { x[0..2*(N//2)] }\nprint(sum(even(d.a)))\n")
        for program in programs:
            self.records(6)
            self.run_text(self.SET + program, out="15")
            self.records(7)
            self.says(self.run_text(self.SET + program, FILES, err="error[E0635]"), "the records of t.csv")

    def test_of_variables(self):
        for program in ("let w: f32[6] = d.a\nprint(w)\n", "var w = zeros[6]\nw = d.a\nprint(w)\n"):
            self.records(6)
            self.run_text(self.SET + program, out="[0, 1, 2, 3, 4, 5]")
            self.records(7)
            self.run_text(self.SET + program, FILES, err="error[E0635]: this has the size 7, and 6 is wanted")

    def test_of_a_step(self):
        self.records(4)
        step = "step s(x: f32[N], y: f32[N/2]) -> f32 { sum(x) + sum(y) }\nprint(s(d.a, d[d.a > {}].a))\n"
        self.run_text(self.SET + step.replace("{}", "1"), out="11")
        self.says(self.run_text(self.SET + step.replace("{}", "0"), FILES, err="error[E0635]: N/2 is 2, and must be 3 here"),
                  "N is 4 here", "size(d) is 4: the records of t.csv")
        step = "step s(x: f32[N], y: f32[M]) -> f32 { sum(x + y) }\nprint(s(d.a, d[d.a > {}].a))\n"
        self.run_text(self.SET + step.replace("{}", "-1"), out="12")
        self.says(self.run_text(self.SET + step.replace("{}", "1"), FILES, err="M is 2 and N is 4, and they must be equal here"),
                  "N is 4 here", "M is 2 here")


class Branches(Sizes):
    """An `if` over sizes takes the branch of the sizes of the run, in the program and in compiled code."""

    def test_in_compiled_code(self):
        self.records(7)
        big = "{} big(x: f32[N]) -> f32 {{ if N > 4 and N % 2 == 1 {{ sum(x) }} else {{ -sum(x) }} }}\n"
        use = "print(big(d.a), big(d[d.a > 3].a), big(d.a[0..2]), big(d[d.a > 0].a))\n"
        for kind in ("fn", "step"):
            for more in ([], ["--interp"]):
                file = self.write("sizes.dlm", self.SET + big.format(kind) + use)
                self.expect(DONE, "run", file, *more, out="21 -15 -1 -21\n")

    def test_that_relies_on_them(self):
        self.records(7)
        branch = "{} f(x: f32[T]) -> f32 {{ if T % 2 == 0 {{ sum(reshape[T/2, 2](x)) }} else {{ 0 }} }}\nprint(f(d.a))\n"
        for kind in ("fn", "step"):
            result = self.run_text(self.SET + branch.format(kind), ERRORS, err="error[E0498]: an `if` cannot be compiled yet")
            self.says(result, "this relies on", "choose in the program")
        self.expect(DONE, "check", FOLDER / "sizes.dlm", out="the costs of `f` are not known: an `if` cannot be compiled yet")

    def test_in_the_program(self):
        text = self.SET + "fn show(x: f32[T]) { if T % 2 == 0 { print(reshape[T/2, 2](x)) } else { print(T) } }\n"
        self.records(3)
        self.run_text(text + "show(d.a)\nshow(d[d.a > 0].a)\nfor (a, b) in batches[2](d) { show(a + b) }\n",
                      out="3\n[[1, 2]]\n[[0, 3]]\n1\n")

    def test_names_of_strings_and_views(self):
        self.write("book.txt", "abc")
        text = 'data book { char: index[Vocab] from text("book.txt") }\nfn show(x: index[Vocab][N]) { print(N, book.char[0]) }\n' \
               'fn count(x: index[Vocab][N]) -> i64 { N }\nvar t = "a"\n' \
               'for i in 0..3 { show(Vocab.encode(t)); print(count(Vocab.encode("{t}b"))); t = "{t}{t}" }\n'
        self.run_text(text, out="1 0\n2\n2 0\n3\n4 0\n5\n")

    def test_a_flag_is_known_when_compiling(self):
        text = self.SET + "fn g[f: bool](x: f32[_]) -> f32 { if f { sum(x) } else { 0 } }\n" \
                          "fn use(x: f32[N]) -> f32 { g[f=N > 4](x) }\nprint(use(ones[9]), use(d.a))\n"
        self.says(self.run_text(text, ERRORS, err="error[E0314]: `f` is true or false, known when compiling"),
                  "only the run knows the sizes in this")


class Emitted(Sizes):
    def test_c_refuses_what_the_run_refuses(self):
        text = PAIRS + "step s(x: f32[N], y: f32[M]) -> f32 given N >= 4 or M == 2 { sum(pairs(x)) + sum(x + y) }\n" \
                       "print(s(ones[6], ones[6]))\n"
        self.run_text(text, out="18")
        self.expect(DONE, "emit", FOLDER / "sizes.dlm", "--c", "-o", FOLDER / "sizes")
        header = (FOLDER / "sizes_s.h").read_text()
        for condition in ("4 <= N or M == 2", "N % 2 == 0", "M == N"):
            self.assertIn(condition, header)
        self.write("use.c", """#include "sizes_s.h"
#include <stdio.h>
static _Alignas(64) unsigned char workspace[SIZES_S_WORKSPACE_BYTES + 1];
int main(void) {
    const float x[6] = {1, 1, 1, 1, 1, 1};
    for (int n = 0; n <= 6; n++)
        for (int m = 0; m <= 6; m++) {
            float sum = -1;
            struct sizes_s_buffers b = {x, x, &sum};
            int code = sizes_s(workspace, &b, n, m);
            if (!code) printf("%d %d %g\\n", n, m, (double)sum);
            else if (code != -1 || sum != -1) return 1;
        }
    return 0;
}
""")
        subprocess.run(["cc", "-std=c11", "-o", "use", "use.c", "sizes_s.c"], cwd=FOLDER, check=True)
        result = subprocess.run([FOLDER / "use"], capture_output=True, text=True, check=True)
        self.assertEqual(result.stdout, "2 2 6\n4 4 12\n6 6 18\n")


if __name__ == "__main__":
    main()
