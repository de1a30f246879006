#!/usr/bin/env python3
"""Programs from outside: options, output, progress, interruption, emission.

usage: test_program.py DLC SOURCE_FOLDER
"""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import unittest

from support import DLC, DONE, ERRORS, FILES, FOLDER, INTERRUPTED, SOURCES, USE, CommandLine, dlc, environment, main
import test_cli

DIGITS, LINEAR = SOURCES / "models" / "digits.dlm", SOURCES / "models" / "linear.dlm"

# Trains for hours unless somebody ends it.
ENDLESS = LINEAR.read_text().replace("epochs = 10", "epochs = 100000")

OPTIONS = """
## How fast it learns.
option lr: f32 = 3e-3
option Hidden: dim = 64
option turns: i64 = 2
option loud: bool = false
option name: string = "Net"
for i in 0..turns { print("{name} {i} {lr * 2} {loud} {Hidden}") }
"""


class Options(CommandLine):
    def setUp(self):
        self.file = self.write("options.dlm", OPTIONS)

    def test_defaults_and_values(self):
        self.assertEqual(self.expect(DONE, "run", self.file).stdout,
                         "Net 0 0.006 false 64\nNet 1 0.006 false 64\n")
        result = self.expect(DONE, "run", self.file, "--lr", "1e-4", "--turns=1", "--loud", "--hidden", 8, "--name", "A b")
        self.assertEqual(result.stdout, "A b 0 0.0002 true 8\n")
        self.assertEqual(self.expect(DONE, "run", self.file, "--", "--turns", "0").stdout, "")

    def test_help_lists_them(self):
        result = self.expect(DONE, "run", self.file, "--help", out="--lr NUMBER")
        self.assertIn("How fast it learns. (0.003)", result.stdout)
        self.assertIn("--hidden SIZE", result.stdout)
        self.assertIn('("Net")', result.stdout)
        self.expect(DONE, "run", LINEAR, "--help", out="has no options")

    def test_unknown_options(self):
        self.expect(USE, "run", self.file, "--batch", "7", err="has no option --batch")
        self.expect(USE, "run", self.file, "--batch", "7", err="--hidden SIZE")
        self.expect(USE, "run", self.file, "--turn", "7", err="did you mean --turns?")
        self.expect(USE, "run", self.file, "--thread", "7", err="has no option --thread")
        self.expect(USE, "run", LINEAR, "--batch", "7", err="linear.dlm has no option --batch; it has no options at all")
        self.expect(USE, "run", "--lr", "1", self.file, err="options of the program stand behind its file")

    def test_values_that_do_not_fit(self):
        for name, value in (("lr", "fast"), ("turns", "1.5"), ("hidden", "-1"), ("hidden", "0x"), ("loud", "perhaps"),
                            ("turns", ""), ("turns", "99999999999999999999")):
            self.expect(USE, "run", self.file, f"--{name}={value}", err="E0701")

    def test_wrong_use(self):
        self.expect(USE, "run", err="`dlc run` needs a file")
        self.expect(USE, "run", self.file, LINEAR, err="takes one file")
        self.expect(USE, "run", self.file, "--threads", "0", err="--threads takes a number from 1 to 1024, not `0`")
        self.expect(USE, "run", self.file, "--threads", err="--threads needs a value")
        self.expect(USE, "run", self.file, "--interp=fast", err="--interp takes nothing or `races`")
        self.expect(USE, "run", self.file, "--seed", "-1", err="--seed takes a whole number")
        self.expect(USE, "run", self.file, "--dump-after", "cs", err="did you mean `cse`?")
        self.expect(USE, "run", self.file, "--disable-pass", "everything", err="it knows simplify, ")
        self.expect(USE, "run", self.file, "--schedule", "abacus", err="--schedule does not know `abacus`")


class Output(CommandLine):
    def run_text(self, text, *arguments, code=DONE):
        return self.expect(code, "run", self.write("text.dlm", text), *arguments)

    def test_print(self):
        self.assertEqual(self.run_text("print(4/3)\n").stdout, "1.33333\n")
        self.assertEqual(self.run_text('print("a{1 + 1}b")\n').stdout, "a2b\n")
        self.assertEqual(self.run_text("let x = [2, -3.4]\nprint(x)\n").stdout, "[2, -3.4]\n")
        self.assertEqual(dlc("run", "-", stdin="print(7 // 2)\n").stdout, "3\n")

    def test_inputs_without_a_name(self):
        text = """
fn first(x: f32[N], _: f32[N]) -> f32 { sum(x) }
fn show(_: f32[2], s: string) { print(s) }
step half(_: f32[N], _: f32[M]) -> f32 { 0.5 }
optimizer shrink(p, _) { p = 0.5 * p }
model Net(x: f32[B], _: f32[B]) -> f32[B] { param w: f32 ~ ones; w * x }
step learn(x: f32[B]) { minimize mean(Net(x, x)) using shrink }
show([1, 2.0], "two")
print(first([1, 2.0], [3, 4.0]), half([1.0], [2.0, 3]))
learn([1.0])
print(Net([3.0], [4.0]))
"""
        for more in ([], ["--interp"]):
            self.assertEqual(self.run_text(text, *more).stdout, "two\n3 0.5\n[1.5]\n")
        self.expect(DONE, "emit", FOLDER / "text.dlm", "--c", "-o", FOLDER / "unnamed")
        self.assertIn("f32[M], read: `_`", (FOLDER / "unnamed_half.h").read_text())

    def test_linear(self):
        result = self.expect(DONE, "run", LINEAR, out="w = [")
        self.assertRegex(result.stderr, r"epoch  1/10  loss ")
        self.assertRegex(result.stderr, r"25,000 steps in ")
        self.assertNotIn("\r", result.stderr)
        quiet = self.expect(DONE, "run", LINEAR, "--quiet")
        self.assertEqual(quiet.stdout, result.stdout)
        self.assertEqual(quiet.stderr, "")
        self.expect(DONE, "test", LINEAR, out="passed  recovers the line")

    def test_json(self):
        result = self.expect(DONE, "run", LINEAR, "--json")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        kinds = [event["event"] for event in events]
        self.assertEqual(kinds, ["train"] + ["epoch"] * 10 + ["trained", "print"])
        self.assertEqual(events[0], {"event": "train", "epochs": 10, "steps": 25000, "examples": 10000})
        self.assertEqual(events[1]["steps"], 2500)
        self.assertLess(events[10]["train"]["loss"], 0.001)
        self.assertEqual(result.stderr, "")

    def test_failed_tests(self):
        text = 'test "holds" { assert(1 < 2) }\ntest "breaks" { assert(2 < 1) }\ntest "goes on" { assert(1 < 2) }\n'
        result = self.expect(ERRORS, "test", self.write("tests.dlm", text), out="FAILED  breaks")
        self.assertIn("passed  holds", result.stdout)
        self.assertIn("passed  goes on", result.stdout)
        self.assertIn("tests.dlm:2:", result.stderr)
        self.expect(DONE, "run", FOLDER / "tests.dlm")
        self.expect(DONE, "test", self.write("none.dlm", "print(1)\n"), err="has no tests")

    def test_a_wrong_gradient_is_found(self):
        text = "fn wrong(x: f32[_]) -> f32 { sum(x**2) } gradient(dy) { 2.02 * dy * x }\nassert_gradient(wrong, [0.0, 1.5])\n"
        for words in (), ("--interp",):
            result = self.expect(ERRORS, "run", self.write("wrong.dlm", text), *words, err="error[E0801]: the gradient is 3.03, and differences give 3")
            self.assertIn("by element 1 of 2", result.stderr)

    def test_digits_same_bits_in_every_way(self):
        first = self.expect(DONE, "run", DIGITS, "--digest", "--threads", 1)
        digest = re.search(r"digest [0-9a-f]{16}\n", first.stdout).group()
        accuracy = float(re.findall(r"accuracy +[0-9.]+ +([0-9.]+)", first.stderr)[-1])
        self.assertGreaterEqual(accuracy, 0.96)
        self.expect(DONE, "run", DIGITS, "--digest", "--threads", 3, out=digest)
        other = self.expect(DONE, "run", DIGITS, "--digest", "--lr", "1e-4")
        self.assertNotIn(digest, other.stdout)

    def test_kernels_and_dumps(self):
        self.expect(DONE, "run", LINEAR, "--kernels", "--quiet", out="linear.dlm:")
        stages = {"check": "train Line on points", "build": "region step() {", "simplify": "region step",
                  "fma": "map[fma]", "pad": "region step", "cse": "region step", "fuse": "step: ", "lower": "kernel k1_"}
        for stage, text in stages.items():
            self.expect(DONE, "run", LINEAR, "--dump-after", stage, "--quiet", out=text)
        self.expect(DONE, "check", LINEAR, out="linear.dlm: no errors, 3 parameters")

    def test_a_batch_that_is_always_full_has_a_constant_size(self):
        """Where the number of records is a constant that `batch` divides; what is emitted takes batches of any size."""
        text = LINEAR.read_text()
        self.assertIn("batch = 4", text)
        for batch, region in (2, "region step() {"), (4, "region step() {"), (3, "region step(batch <= 3) {"):
            program = self.write("full.dlm", text.replace("batch = 4", f"batch = {batch}"))
            self.expect(DONE, "run", program, "--dump-after", "build", "--quiet", out=region)
        self.expect(DONE, "emit", self.write("full.dlm", text), "--c", "--output", FOLDER / "full", "--dump-after", "build",
                    out="region Line_step(batch <= 4) {")

    def test_library_that_cannot_be_read(self):
        empty = FOLDER / "empty"
        empty.mkdir(exist_ok=True)
        for folder in (FOLDER / "nowhere", empty, LINEAR):
            result = self.expect(FILES, "run", LINEAR, err="which DLC_STDLIB names", settings={"DLC_STDLIB": str(folder)})
            self.assertEqual(result.stderr.count("error["), 1)
        self.expect(DONE, "run", LINEAR, "--quiet", settings={"DLC_STDLIB": str(SOURCES / "stdlib")})


    def test_what_is_not_compiled_yet_says_so(self):
        text = ("layer Deep(x: f32[N, M]) -> f32[N, M] {\n  let inner = Dense[M]\n  var h = x\n"
                "  for _ in 0..100 { h = inner(h) }\n  h\n}\nlet deep = Deep\nprint(deep(ones[2, 3]))\n")
        self.expect(ERRORS, "run", self.write("deep.dlm", text), err="E0498")


class BadPrograms(test_cli.BadFiles):
    command = "check"


class Interruption(CommandLine):
    def begin(self, *arguments, **streams):
        path = self.write("endless.dlm", ENDLESS)
        return subprocess.Popen([DLC, "run", path, *arguments], env=environment(), **streams)

    def test_ends_after_the_step(self):
        process = self.begin(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = process.stderr.readline()
        self.assertIn("epoch", first)
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, rest)
        self.assertIn("interrupted after ", rest)

    def test_json_stays_json(self):
        process = self.begin("--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        events = [json.loads(line)["event"] for line in out.splitlines()]
        self.assertIn("interrupted", events)
        self.assertEqual(err, "")

    def on_terminal(self, *arguments, settings=None):
        """Starts dlc on a terminal of its own; gives the process and the terminal's other end."""
        master, slave = pty.openpty()
        path = self.write("endless.dlm", ENDLESS)
        process = subprocess.Popen([DLC, "run", path, *arguments], stdin=slave, stdout=slave, stderr=slave,
                                   env=environment({"TERM": "xterm", "LANG": "C.UTF-8", **(settings or {})}))
        os.close(slave)
        return process, master

    def read_until(self, master, pattern, seconds=30):
        text, end = "", time.monotonic() + seconds
        while not re.search(pattern, text):
            self.assertLess(time.monotonic(), end, text)
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                text += os.read(master, 65536).decode(errors="replace")
            except OSError: # the program has ended
                self.assertRegex(text, pattern)
        return text

    def test_one_line_is_rewritten_on_a_terminal(self):
        process, master = self.on_terminal()
        text = self.read_until(master, r"examples/s  [0-9:]+( s)? left")
        self.assertIn("\repoch ", text)
        process.send_signal(signal.SIGINT)
        text = self.read_until(master, r"interrupted after [0-9,]+ steps?")
        process.wait(60)
        self.assertEqual(process.returncode, INTERRUPTED)
        os.close(master)

    def test_no_colours_where_nobody_wants_them(self):
        process, master = self.on_terminal(settings={"NO_COLOR": "1"})
        text = self.read_until(master, r"left")
        process.kill()
        process.wait(60)
        os.close(master)
        self.assertIsNone(re.search("\033\\[[0-9;]*m", text))

    def test_a_pipe_closed_by_the_reader_ends_it(self):
        process = self.begin("--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        process.wait(60)
        self.assertNotEqual(process.returncode, DONE)
        process.stderr.close()


class Compilation(CommandLine):
    def kernels(self, *arguments):
        return self.expect(DONE, "run", DIGITS, "--quiet", "--dump-after", "lower", *arguments).stdout

    def test_a_rate_compiles_nothing_new(self):
        self.assertEqual(self.kernels(), self.kernels("--lr", "1e-4"))
        self.assertNotEqual(self.kernels(), self.kernels("--hidden", "32"))

    def test_each_step_is_compiled_once_for_every_batch(self):
        # 1,437 digits in batches of 32 end with a short one
        plans = re.findall(r"^plan (\w+)", self.kernels(), re.MULTILINE)
        self.assertEqual(sorted(plans), ["step", "validate"])


class NothingToRun(CommandLine):
    def test_says_so(self):
        self.expect(DONE, "run", self.write("empty.dlm", ""), err="nothing to run")


class RunTimeChecks(CommandLine):
    """An index that only the run knows is checked where it is used, and nothing beside the tensor is read."""
    INDEXING = """
let x = [1.0, 2.0, 3.0, 4.0, 5.0]
fn pick(x: f32[5], k: i64) -> f32 { x[k] }
fn safe(x: f32[5], k: i64) -> f32 { if k < 5 { x[k] } else { 0.0 } }
var i = 3
print(x[i], x[i..i + 2], pick(x, i), safe(x, 7), index[5](i))
i = START
print(VALUE)
"""

    def check(self, start, value, code, **expected):
        path = self.write("indexing.dlm", self.INDEXING.replace("START", str(start)).replace("VALUE", value))
        self.expect(code, "run", path, **expected)
        self.expect(code, "run", path, "--interp", **expected)

    def test_inside(self):
        self.check(4, "x[i], pick(x, i)", DONE, out="4 [4, 5] 4 0 3\n5 5")

    def test_outside(self):
        for start, value in ((5, "x[i]"), (-1, "x[i]"), (9, "pick(x, i)"), (5, "index[5](i)")):
            self.check(start, value, ERRORS, err="an index lies outside 0 to 4")
        self.check(4, "x[i..i + 2]", ERRORS, err="an index lies outside 0 to 3")

    def test_a_loop_without_end_can_be_interrupted(self):
        process = subprocess.Popen([DLC, "run", self.write("loop.dlm", "while true { }\n")], env=environment())
        time.sleep(1) # nothing is printed that could be waited for
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED)


class Emission(CommandLine):
    def test_c_compiles_without_libc(self):
        folder = FOLDER / "emitted"
        folder.mkdir(exist_ok=True)
        result = self.expect(DONE, "emit", DIGITS, "--c", "-o", folder / "digits")
        files = [line for line in result.stdout.splitlines() if line.endswith(".c")]
        self.assertGreaterEqual(len(files), 2)
        compiler = shutil.which("gcc") or shutil.which("cc")
        for path in files:
            subprocess.run([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O0", "-ffreestanding", "-c", path,
                            "-o", path + ".o"], check=True, timeout=100)

    def test_wrong_use(self):
        self.expect(USE, "emit", DIGITS, err="say what to emit")
        self.expect(USE, "emit", DIGITS, "--c", "--obj", err="one form can be emitted at a time")
        self.expect(FILES, "emit", DIGITS, "--c", "-o", FOLDER / "nowhere" / "digits", err="cannot write")


if __name__ == "__main__":
    main()
