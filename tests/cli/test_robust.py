#!/usr/bin/env python3
"""Programs at the edge of what anyone writes: enormous sizes, deep nesting, many axes, thousands of declarations and
mistakes, endless names.  `dlc check` answers each clearly and soon.

usage: test_robust.py DLC SOURCE_FOLDER
"""
import time

from support import DONE, ERRORS, CommandLine, main

SOON = 20  # seconds, on a busy machine; none takes one of its own
LONG = "f" * 10000


def model(size):
    return (f"dim H = {size}\nmodel Net(x: f32[B, 8, 8]) -> f32[B, 10] {{ x |> flatten |> Dense[H] |> Dense[H] |> Dense[10] }}\n"
            "train Net on digits.train {\n  batch = 32; epochs = 1\n"
            "  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using adam[lr=1e-3] }\n}\n")


class Robust(CommandLine):
    def soon(self, text, code, **expected):
        path = self.write("robust.dlm", text)
        begin = time.monotonic()
        result = self.expect(code, "check", path, **expected)
        self.assertLess(time.monotonic() - begin, SOON)
        return result

    def test_sizes(self):
        self.soon("let x = zeros[9223372036854775807, 9223372036854775807]\nprint(sum(x))\n", ERRORS, err="E0318")
        self.soon("let x = zeros[99999999999999999999]\nprint(sum(x))\n", ERRORS, err="E0104")
        self.soon("dim H = 2**62 * 2\nprint(sum(zeros[H]))\n", ERRORS, err="E0318")
        self.soon(model(100_000_000), DONE, out="40,000,030,400,000,040 bytes")
        self.soon(model(4_000_000_000), ERRORS, err="E0318")

    def test_polynomials(self):
        sizes = ", ".join(f"{n.lower()}: f32[{n}]" for n in "ABCD")
        ones = ", ".join(["zeros[1]"] * 4)
        for power, code in ((12, DONE), (60, ERRORS), (10**9, ERRORS)):
            self.soon(f"fn f({sizes}) -> f32[(A + B + C + D)**{power}] {{ zeros }}\nprint(sum(f({ones})))\n", code)

    def test_axes(self):
        self.soon(f"print(sum(zeros[{', '.join(['1'] * 9)}]))\n", ERRORS, err="a tensor has at most 8 axes")
        self.soon(f"print(sum(zeros[{', '.join(['1'] * 1000)}]))\n", ERRORS, err="a tensor has at most 8 axes")
        self.soon("let x = zeros[1, 1, 1, 1, 1, 1, 1, 1]\nprint(sum(stack(x, x)))\n", ERRORS, err="a tensor has at most 8 axes")

    def test_nesting(self):
        for text in ("print(" + "(" * 5000 + "1" + ")" * 5000 + ")\n", "print(" + "-" * 20000 + "1)\n",
                     "if 1 == 1 { " * 3000 + "print(1)" + " }" * 3000 + "\n", "let x = 1 " + "+ 1" * 50000 + "\nprint(x)\n",
                     "let x = zeros[3]" + "|> relu" * 20000 + "\nprint(x)\n"):
            self.soon(text, ERRORS, err="nested too deeply")

    def test_many(self):
        self.soon("".join(f"fn f{i}(x: f32[N]) -> f32[N] {{ x + {i} }}\n" for i in range(5000)), DONE)
        self.soon("let x0 = zeros[3]\n" + "".join(f"let x{i + 1} = x{i} + 1\n" for i in range(5000)) + "print(x5000)\n", DONE)
        self.soon("# x\n" * 200000, DONE)
        wrong = self.soon("".join(f"print(nothing{i})\n" for i in range(10000)), ERRORS, err="and 9980 more")
        self.assertNotIn("did you mean `nothing", wrong.stderr)  # what is not declared is no suggestion

    def test_calls_that_double(self):
        chain = "".join(f"fn f{i}(x: f32[N]) -> f32[N] {{ f{i + 1}(f{i + 1}(x)) }}\n" for i in range(40))
        self.soon(chain + "fn f40(x: f32[N]) -> f32[N] { x }\nprint(f0(zeros[3]))\n", DONE)
        self.soon("fn f[N](x: f32[N]) -> f32 { f[N + 1](concat[0](x, zeros[1])) }\nprint(f(zeros[3]))\n", ERRORS)
        self.soon("fn f(x: f32[N]) -> f32 { f(concat[0](x, zeros[1])) }\nprint(f(zeros[3]))\n", ERRORS, err="E0404")

    def test_names(self):
        size = LONG.upper()
        self.soon(f"dim {size} = 3\nfn {LONG}(x: f32[{size}]) -> f32 {{ sum(x) }}\nprint({LONG}(zeros[4]))\n", ERRORS, err="E0304")
        self.soon(f"print({LONG})\n", ERRORS, err="E0201")


if __name__ == "__main__":
    main()
