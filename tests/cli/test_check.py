#!/usr/bin/env python3
"""`dlc check`: figures counted by hand, tables for narrow and wide terminals, lines for machines, what cannot be
compiled yet, --watch.

usage: test_check.py DLC SOURCE_FOLDER
"""
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
import unittest

from support import DLC, DONE, ERRORS, FOLDER, INTERRUPTED, SOURCES, USE, CommandLine, dlc, environment, main

MODELS = SOURCES / "models"
DIGITS = MODELS / "digits.dlm"
MLP = SOURCES / "tests" / "models" / "mlp.dlm"

CONVOLUTIONS = """
model Net(x: f32[B, 1, 8, 8]) -> f32[B, 10] {
  x |> Conv2d[8, kernel=3, stride=2] |> relu |> Conv2d[16, kernel=3] |> relu |> mean[-1] |> mean[-1] |> Dense[10]
}
train Net on digits.train {
  batch = 4; epochs = 1
  step (image, label) {
    minimize mean(cross_entropy(Net(image[_, new] / 16), label)) using sgd[lr=0.1]
  }
}
"""

DEEP = """
layer Block(x: f32[B, 32]) -> f32[B, 32] { x + (x |> Dense[32] |> relu |> Dense[32]) }
model Net(x: f32[B, 8, 8]) -> f32[B, 10] {
  var h = x |> flatten |> Dense[32]
  h = h |> Block |> Block |> Block
  h |> Dense[10]
}
train Net on digits.train {
  batch = 10; epochs = 1
  step (image, label) { minimize mean(cross_entropy(Net(image / 16), label)) using adam[lr=1e-3] }
}
"""


BOOK = """
data book { char: index[Vocab] from text("no_such_book.txt") }
model Net(x: index[Vocab][B]) -> f32[B, Vocab] {
  param table: f32[Vocab, 16] ~ normal(0, 0.02)
  param w:     f32[128, Vocab] ~ normal(0, 0.02)
  param b:     f32[128]        ~ zeros
  let h = sum[1](table[x]) |> tanh
  (h[_, new] + b) @ w
}
train Net on book {
  batch = 8; epochs = 1
  step (char) { minimize mean(cross_entropy(Net(char), char)) using adam[lr=1e-3] }
}
"""


def residual_net(batch):
    """ResNet-18 for 28x28 pictures of one channel: three products a convolution, two for the first."""
    side, inputs = 28, 64
    total = 2 * 2 * batch * 64 * 9 * side**2 + 3 * 2 * batch * 512 * 10
    for channels, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        side = (side - 1) // stride + 1
        total += 3 * 2 * batch * channels * side**2 * (9 * inputs + 3 * 9 * channels + (inputs if stride > 1 else 0))
        inputs = channels
    return total


class Summary(CommandLine):
    def lines(self, path, *more, code=DONE):
        return [json.loads(line) for line in self.expect(code, "check", "--json", path, *more).stdout.splitlines()]

    def step(self, path, name="step"):
        return next(line for line in self.lines(path) if line.get("step") == name)

    def test_figures_are_those_counted_by_hand(self):
        """Products and convolutions, 2 per multiply-add; no gradient of data; the last batch of mlp has 61 of 64."""
        for path, parameters, flops in ((DIGITS, 4810, 647168), (MLP, 669706, 205389824 * 61 // 64),
                                        (MODELS / "vae.dlm", 652824, 419840000)):
            lines = self.lines(path)
            step = next(line for line in lines if line.get("step") == "step")
            self.assertEqual((lines[-1]["parameters"], step["product_flops"]), (parameters, flops), path)
            self.assertEqual(lines[-1]["weight_bytes"], 4 * parameters)
            roots = [line for line in lines if "layer" in line and "." not in line["layer"]]
            self.assertEqual(sum(line["forward_flops"] for line in roots), step["forward_flops"])
            self.assertEqual(sum(line["backward_flops"] for line in roots), step["backward_flops"])

    @unittest.skipUnless(os.environ.get("ALL_MODELS"), "with ALL_MODELS")
    def test_figures_of_the_models(self):
        """Worked out apart from the compiler: products and convolutions of one step, by layer; parameters."""
        generator = 2 * 64 * (64 * 6272 + 128 * 64 * 16 * 49 + 64 * 16 * 196)  # the step draws one fake, not two
        figures = {"mnist": (421834, 1599700992), "resnet": (11172810, residual_net(32)), "vae": (652824, 419840000),
                   "gan": (679042, 10282467328 - generator)}
        for name, (parameters, flops) in figures.items():
            with self.subTest(name):
                checked = dlc("check", "--json", MODELS / f"{name}.dlm")
                lines = [json.loads(line) for line in checked.stdout.splitlines()]
                step = next((line for line in lines if line.get("step") == "step"), {})
                if checked.returncode != DONE or step.get("product_flops") is None:
                    self.skipTest("it cannot be compiled yet, or its data decides")
                self.assertEqual((lines[-1]["parameters"], step["product_flops"]), (parameters, flops))

    def test_convolutions(self):
        """A strided convolution's gradients cost what it does, whatever zeros stand between their elements."""
        lines = self.lines(self.write("conv.dlm", CONVOLUTIONS))
        layers = {line["layer"]: line for line in lines if "layer" in line}

        def pixels(layer):
            return eval(re.sub(r"f32\[B, (\d+), (\d+), (\d+)\]", r"\2*\3", layer["output"]))

        first, second = layers["Net.conv2d_1"], layers["Net.conv2d_2"]
        self.assertEqual(first["forward_flops"], 2 * 4 * 8 * 1 * 9 * pixels(first))
        self.assertEqual(first["backward_flops"], first["forward_flops"])
        self.assertEqual(second["forward_flops"], 2 * 4 * 16 * 8 * 9 * pixels(second))
        self.assertEqual(second["backward_flops"], 2 * second["forward_flops"])

    def test_optimizer_and_gradients(self):
        step = self.step(DIGITS)
        self.assertEqual(step["gradient_bytes"], 4 * 4810)
        self.assertEqual(step["optimizer_bytes"], 2 * 4 * 4810 + 8)  # m, v and the count
        self.assertEqual(step["activation_bytes"] % 64, 0)
        self.assertLessEqual(step["activation_bytes"], step["arena_bytes"])
        self.assertEqual(self.step(DIGITS, "validate")["optimizer_bytes"], 0)

    def test_equal_neighbours_are_folded(self):
        path = self.write("deep.dlm", DEEP)
        out = self.expect(DONE, "check", path).stdout
        self.assertRegex(out, r"block_1\.\.block_3 Block x3 +f32\[B, 32\] +6,336 ")
        self.assertRegex(out, r"dense_1\.\.dense_2 Dense x2 +f32\[B, 32\] +6,336 ")
        blocks = [line for line in self.lines(path) if line.get("kind") == "Block"]
        self.assertEqual([(b["copies"], b["parameters"]) for b in blocks], [(3, 2112)])

    def test_tables_fit(self):
        for path in (DIGITS, MODELS / "vae.dlm", FOLDER / "deep.dlm"):
            self.write("deep.dlm", DEEP)
            for columns in (80, 200):
                out = self.expect(DONE, "check", path, settings={"COLUMNS": str(columns)}).stdout
                tables = out.splitlines()[:-1]
                self.assertLessEqual(max(map(len, tables)), columns, out)
                rows = [line for line in tables if line.startswith("  ") and "forward" not in line]
                self.assertTrue(rows)
        wide = self.expect(DONE, "check", MODELS / "vae.dlm", settings={"COLUMNS": "200"}).stdout
        self.assertIn("input", wide)
        self.assertIn("313,600" if "313,600" in wide else "314,000", wide)

    def on_terminal(self, columns, *arguments, settings=None):
        """What a terminal of that width gets."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        run = subprocess.Popen([DLC, *map(str, arguments)], stdout=slave, stderr=slave, cwd=FOLDER,
                               env=environment({"TERM": "xterm", **(settings or {})}))
        os.close(slave)
        out = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
        os.close(master)
        self.assertEqual(run.wait(60), DONE)
        return out.decode().replace("\r\n", "\n")

    def test_terminals(self):
        wide = self.on_terminal(200, "check", MODELS / "vae.dlm")
        self.assertIn("\033[1mlayer", wide)
        self.assertIn("166,707,200", wide)
        self.assertNotIn("\033", self.on_terminal(200, "check", DIGITS, settings={"NO_COLOR": "1"}))
        narrow = self.on_terminal(60, "check", DIGITS, "--no-color")
        self.assertNotIn("\033", narrow)
        self.assertNotIn("input", narrow)

    def test_the_plan_is_that_of_the_run(self):
        """The arena of each step that the run compiles, and its fullest line; with ALL_MODELS of all that is in models/."""
        compared = set()
        some = sorted(MODELS.glob("*.dlm")) if os.environ.get("ALL_MODELS") else [DIGITS, MODELS / "linear.dlm"]
        for path in some + [MLP]:
            checked = dlc("check", "--json", path)
            lines = [json.loads(line) for line in checked.stdout.splitlines()]
            planned = [line for line in lines if "step" in line and "arena_bytes" in line]
            if checked.returncode != DONE or not planned:
                continue
            arenas = self.arenas_of_run(path)
            for step in planned:
                if step["step"] not in arenas:
                    continue  # its data is not here, or it comes late in the program
                begin, end = f" arena {step['arena_bytes']} bytes,", f":{step['peak_line']})" if "peak_line" in step else ""
                self.assertTrue(any(line.startswith(begin) and line.endswith(end) for line in arenas[step["step"]]),
                                f"{path}: {begin} {end} in {arenas}")
                compared.add((path.name, step["step"]))
        self.assertLessEqual({("digits.dlm", "step"), ("digits.dlm", "validate"), ("linear.dlm", "step"), ("mlp.dlm", "step")},
                             compared)

    def arenas_of_run(self, path):
        """The arena lines by step; a program that takes long is asked to end."""
        run = subprocess.Popen([DLC, "run", "--quiet", "--kernels", path], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, env=environment(), cwd=FOLDER)
        try:
            out, _ = run.communicate(timeout=6)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGINT)
            try:
                out, _ = run.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                run.kill()
                out, _ = run.communicate()
        parts = re.split(r"^(\w+): \d+ kernels in \d+ phases$", out, flags=re.M)
        arenas = {}
        for name, text in zip(parts[1::2], parts[2::2]):
            arenas.setdefault(name, []).extend(line for line in text.splitlines() if line.startswith(" arena "))
        return arenas

    def test_needs_no_jit(self):
        result = dlc("check", DIGITS, settings={"LD_DEBUG": "files"})
        self.assertEqual(result.returncode, DONE)
        self.assertIn("libc", result.stderr)  # the loader does say what it opens
        self.assertNotIn("dlc-jit", result.stderr)
        self.assertNotIn("LLVM", result.stderr)

    def test_what_is_not_compiled_yet_is_a_note(self):
        text = DEEP.replace("step (image, label) {", "step (image, label) {\n  var n = 0\n  while n < 3 { n = n + 1 }\n  report turns = f32(n)\n")
        path = self.write("later.dlm", text)
        if dlc("run", path).returncode == DONE:
            self.skipTest("a `while` in a step is compiled by now")
        out = self.expect(DONE, "check", path).stdout
        self.assertRegex(out, r"the costs of `step` are not known: .*cannot be compiled yet \(.*later\.dlm:\d+\)")
        self.assertIn("no errors", out)
        step = self.step(path)
        self.assertIn("cannot be compiled yet", step["obstacle"])
        self.assertNotIn("forward_flops", step)

    def test_sizes_that_only_data_knows(self):
        """No file is read: its alphabet stays a name, and what depends on it is a formula."""
        path = self.write("book.dlm", BOOK)
        if "not supported yet" in dlc("check", path).stderr:
            self.skipTest("the source `text` is not supported yet")
        lines = self.lines(path)
        self.assertEqual((lines[-1]["parameters"], lines[-1]["parameters_formula"]), (None, "144*Vocab + 128"))
        step = next(line for line in lines if line.get("step") == "step")
        self.assertEqual((step["product_flops"], step["product_flops_formula"]), (None, "768*Vocab*batch"))
        out = self.expect(DONE, "check", path).stdout
        self.assertIn("144*Vocab + 128 parameters", out)

    def test_mistakes_decide(self):
        self.expect(ERRORS, "check", self.write("bad.dlm", "let a = b\n"), err="E0201")


class Watching(CommandLine):
    def setUp(self):
        self.path = self.write("watched.dlm", "let a = 1\nprint(a)\n")
        self.log = FOLDER / "watch.log"

    def start(self, settings=None):
        self.out = open(self.log, "w")
        self.watch = subprocess.Popen([DLC, "check", "--watch", self.path], stdout=self.out, stderr=subprocess.STDOUT,
                                      env=environment(settings), cwd=FOLDER)
        self.addCleanup(self.stop)

    def stop(self):
        if self.watch.poll() is None:
            self.watch.kill()
            self.watch.wait()
        self.out.close()

    def wait_for(self, text, count=1):
        for _ in range(400):
            if self.log.read_text().count(text) >= count:
                return
            time.sleep(0.05)
        self.fail(f"{text!r} not {count} times in {self.log.read_text()!r}")

    def replace(self, text):
        other = self.write("watched.tmp", text)
        os.replace(other, self.path)

    def test_follows_the_file(self):
        self.start()
        self.wait_for("no errors")
        self.replace("let a = nothing\nprint(a)\n")  # as editors do
        self.wait_for("E0201")
        self.path.write_text("let a = 2\nprint(a)\n")
        self.wait_for("no errors", 2)
        self.path.unlink()
        time.sleep(0.2)
        self.write("watched.dlm", "let a = elsewhere\nprint(a)\n")
        self.wait_for("elsewhere")
        self.assertNotIn("\033", self.log.read_text())
        self.watch.send_signal(signal.SIGINT)
        self.assertEqual(self.watch.wait(20), INTERRUPTED)

    def test_follows_the_library(self):
        library = FOLDER / "library"
        library.mkdir(exist_ok=True)
        for file in (SOURCES / "stdlib").glob("*.dlm"):
            (library / file.name).write_text(file.read_text())
        self.path.write_text("print(fresh_name(1.0))\n")
        self.start({"DLC_STDLIB": str(library)})
        self.wait_for("E0201")
        (library / "own.dlm").write_text("fn fresh_name(x: f32) -> f32 { x }\n")
        self.wait_for("no errors")

    def test_wrong_use(self):
        self.expect(USE, "check", "--watch", "-", err="--watch needs a file")
        self.expect(USE, "run", "--watch", self.path, err="no option --watch")


if __name__ == "__main__":
    main()
