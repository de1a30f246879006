#!/usr/bin/env python3
"""Imports, training and its files, from outside.

usage: test_import.py DLC SOURCE_FOLDER
"""
import json
import pathlib
import unittest

from support import DONE, ERRORS, FOLDER, USE, CommandLine, dlc, main

BLOCKS = """## Parts of networks.
import "inner/halves.dlm" as halves
dim Width = 6
option drop: f32 = 0.25
type Pair = f32[2]
fn twice(x: f32[..]) -> f32[..] { halves.half(4 * x) }
fn first(p: Pair) -> f32 { p[0] }
layer Block[C](x: f32[B, _]) -> f32[B, C] { x |> Dense[C] |> dropout[drop] |> relu }
model Head(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] as out }
model Unused(x: f32[B, 4]) -> f32[B, 2] { x |> Dense[2] }
data tiny { x: f32[4] from ones[6, 4] }
step learn(x: f32[B, 4]) { minimize mean(Head(x)**2) over Head using sgd[lr=0.1] }
let hidden = 3
print("never run {hidden}")
"""


class Imports(CommandLine):
    def setUp(self):
        (FOLDER / "lib" / "inner").mkdir(parents=True, exist_ok=True)
        self.write("lib/blocks.dlm", BLOCKS)
        self.write("lib/inner/halves.dlm", "fn half(x: f32[..]) -> f32[..] { x / 2 }\n")

    def program(self, text, imports='import "lib/blocks.dlm" as blocks\n'):
        return self.write("main.dlm", imports + text)

    def test_declarations(self):
        program = self.program("""
let p: blocks.Pair = [3, 4]
print("{blocks.twice([1.0, 2.0])} {blocks.first(p)} {blocks.Width}")
""")
        result = self.expect(DONE, "run", program, out="[2, 4] 3 6")
        self.assertNotIn("never", result.stdout)
        self.expect(DONE, "check", program, out="0 parameters")  # no instance of the file that is not used
        self.expect(USE, "run", program, "--drop", "0.1", err="has no option --drop")

    def test_instances(self):
        program = self.program("""
model Net(x: f32[B, 4]) -> f32[B, blocks.Width] { x |> blocks.Block[blocks.Width] |> blocks.Block[6] }
let before = blocks.Head.out.w
blocks.learn(ones[5, 4])
step both(x: f32[B, 4]) {
  minimize mean(blocks.Head(x)**2) over blocks.Head.out using adam[lr=0.1]
}
both(ones[2, 4])
train blocks.Head on blocks.tiny {
  step (x) { minimize mean(blocks.Head(x)**2) using sgd[lr=0.1] }
}
print("{any(before != blocks.Head.out.w)} {sum(Net(ones[3, 4])) >= 0}")
save(blocks.Head, "head.safetensors")
""")
        self.expect(DONE, "run", "--quiet", program, out="true true")
        self.expect(DONE, "run", "--quiet", program, "--drop", "0.5", out="true true")
        self.expect(DONE, "check", program, out="blocks.Head")
        self.expect(DONE, "emit", program, "--c", "-o", FOLDER / "out")
        self.assertTrue((FOLDER / "out_blocks_Head.c").exists())

    def test_mistakes_name_their_file(self):
        self.write("lib/broken.dlm", "fn f(x: f32[N]) -> f32[N] { x + zeros[3] }\n")
        program = self.program("print(f(1.0))\n", 'import "lib/broken.dlm" as broken\nfn f(x: f32) -> f32 { x }\n')
        result = self.expect(ERRORS, "check", program, err="lib/broken.dlm:1:31")
        self.assertEqual(result.stderr.count("error["), 1)
        result = self.expect(ERRORS, "check", "--json", program)
        places = [json.loads(line) for line in result.stdout.splitlines() + result.stderr.splitlines()]
        self.assertTrue(any("broken.dlm" in json.dumps(place) for place in places))
        self.write("lib/broken.dlm", "fn f(x: f32[N] -> {\n")
        self.expect(ERRORS, "check", program, err="lib/broken.dlm:1:")

    def test_what_is_not_there(self):
        self.expect(ERRORS, "check", self.program("", 'import "lib/nowhere.dlm" as n\n'),
                    err='error[E0451]: cannot read "lib/nowhere.dlm": there is no such file')
        self.expect(ERRORS, "check", self.program("", 'import "lib" as n\n'), err="it is a folder")
        self.expect(ERRORS, "check", self.program("print(blocks.twise(1.0))\n"), err="did you mean `twice`?")
        self.expect(ERRORS, "check", self.program("print(blocks.hidden)\n"),
                    err="declares no `hidden`")
        self.expect(ERRORS, "check", self.program("print(blocks)\n"), err="`blocks` is an import: write blocks.NAME")
        self.expect(ERRORS, "check", self.program("let y: blocks.Par = 1\nprint(y)\n"), err="did you mean `Pair`?")
        self.expect(ERRORS, "check", self.program('import "lib/blocks.dlm" as blocks\nprint(blocks.Width)\n'),
                    err="`blocks` is declared twice")

    def test_cycles(self):
        self.write("lib/a.dlm", 'import "b.dlm" as b\nfn f(x: f32) -> f32 { b.g(x) }\n')
        self.write("lib/b.dlm", 'import "a.dlm" as a\nfn g(x: f32) -> f32 { a.f(x) }\n')
        self.expect(ERRORS, "check", self.program("print(a.f(1.0))\n", 'import "lib/a.dlm" as a\n'),
                    err='error[E0451]: "a.dlm" imports itself, through this file')
        self.expect(ERRORS, "check", self.program("", 'import "main.dlm" as m\n'), err='"main.dlm" imports itself')

    def test_one_file_is_one_module(self):
        self.write("lib/twice.dlm", 'import "blocks.dlm" as parts\nstep learn(x: f32[B, 4]) {'
                   " minimize mean(parts.Head(x)**2) over parts.Head using sgd[lr=0.1] }\n")
        program = self.program('import "lib/../lib/twice.dlm" as twice\nlet w = blocks.Head.out.w\n'
                               "twice.learn(ones[2, 4])\nprint(any(w != blocks.Head.out.w))\n")
        self.expect(DONE, "run", "--quiet", program, out="true")


TRAIN = """model Net(x: f32[B, 8, 8]) -> f32[B, 10] { x |> flatten |> Dense[10] }
train Net on digits.train {
  batch = 100; epochs = 3; %s
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using sgd[lr=0.1] }
  validate (image, label) on digits.test { report accuracy = mean(argmax(Net(image / 16)) == label) }
  %s
}
"""


class Training(CommandLine):
    def test_save(self):
        program = self.write("save.dlm", TRAIN % ('save = "new/folder/net.safetensors"', ""))
        self.expect(DONE, "run", "--quiet", program)
        self.assertTrue((FOLDER / "new" / "folder" / "net.safetensors").exists())
        program = self.write("save.dlm", TRAIN % ('save = "save.dlm/net.safetensors"', ""))
        self.expect(3, "run", "--quiet", program, err="cannot be written")

    def test_best_in_json(self):
        program = self.write("best.dlm", TRAIN % ('best = lowest("loss"); patience = 2', 'every 10 steps { print("{t}") }'))
        result = self.expect(DONE, "run", "--json", program)
        events = [json.loads(line) for line in result.stdout.splitlines()]
        best = [event for event in events if event["event"] == "best"]
        self.assertEqual([(b["report"], b["epoch"], b["stopped"]) for b in best], [("loss", 3, False)])
        self.assertEqual([e["text"] for e in events if e["event"] == "print"], ["10\n", "20\n", "30\n", "40\n"])

    def test_lines(self):
        program = self.write("lines.dlm", TRAIN % ("seed = 1", 'every epoch { print("after {epoch}") }'))
        result = self.expect(DONE, "run", program, out="after 1\nafter 2\nafter 3\n")
        self.assertEqual(result.stderr.count("epoch "), 3)
        self.assertNotIn("0.00 s", result.stderr)

    def test_budget_and_memory(self):
        self.expect(ERRORS, "run", self.write("budget.dlm", TRAIN % ("budget = 1", "")), err="error[E0531]")
        self.expect(DONE, "run", "--quiet", self.write("budget.dlm", TRAIN % ("budget = 1*GiB", "")))
        huge = self.write("huge.dlm", 'let x = zeros[1_000_000, 1_000_000, 1000]\nprint("{x[0, 0, 0]}")\n')
        self.expect(ERRORS, "run", huge, err="error[E0454]: f32[1000000, 1000000, 1000] is larger than the memory")

    def test_seeds(self):
        text = "print(uniform[2])\nseed(3)\nprint(uniform[2])\nseed(3)\nprint(uniform[2])\n"
        program = self.write("seed.dlm", text)
        lines = self.expect(DONE, "run", "--seed", "7", program).stdout.splitlines()
        self.assertNotEqual(lines[0], lines[1])
        self.assertEqual(lines[1], self.expect(DONE, "run", program).stdout.splitlines()[1])
        self.assertNotEqual(lines[0], self.expect(DONE, "run", program).stdout.splitlines()[0])


if __name__ == "__main__":
    main()
