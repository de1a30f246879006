#!/usr/bin/env python3
"""dlc profile from outside: what it counts, its three forms, wrong use.  No test looks at how long anything took.

usage: test_profile.py DLC SOURCE_FOLDER
"""
import json
import os
import re
import unittest
import xml.etree.ElementTree as xml

from support import DONE, ERRORS, FILES, FOLDER, SOURCES, USE, CommandLine, dlc, main

DIGITS = SOURCES / "models" / "digits.dlm"
SVG = "{http://www.w3.org/2000/svg}"

# 16x8 times 8x4: 2*16*8*4 operations; 128 + 32 + 64 elements of four bytes.
PRODUCT = """
step twice(a: f32[16, 8], b: f32[8, 4]) -> f32[16, 4] { a @ b }
var sum = 0.0
for i in 0..20 {
  let y = twice(normal[16, 8], normal[8, 4])
  sum = sum + y[0, 0]
}
print("sum {sum}")
"""

# Prints what its steps compute, saves at every epoch; the lines have what XML has to escape.
TRAINING = """
model Net(x: f32[B, 8, 8]) -> f32[B, 10] {
  x |> flatten |> Dense[64] |> relu |> Dense[10]  # "<a> & <b>" 'é'
}

train Net on digits.train {
  batch = 32; shuffle = true; epochs = 2
  save = "net.safetensors"

  step (image, label) {
    let logits = Net(image / 16)
    minimize mean(cross_entropy(logits, label)) using adam[lr=3e-3]
    report accuracy = mean(where(image[.., 0, 0] < 1, 1, 0)) # <&>
  }
  every 1 steps { print("{sum(Net.dense_1.w ** 2)}") }
}
save(Net, "net2.safetensors")
"""


class Profile(CommandLine):
    def profile(self, path, *arguments):
        result = self.expect(DONE, "profile", path, "--json", *arguments)
        self.assertEqual(result.stdout.count("\n"), 1)
        return json.loads(result.stdout)

    def test_a_product_is_counted(self):
        path = self.write("product.dlm", PRODUCT)
        for threads in (1, 2):
            found = self.profile(path, "--steps", 10, "--threads", threads)
            self.assertEqual((found["step"], found["steps"], found["warm_up_steps"], found["threads"]),
                             ("twice", 10, 3, threads))
            kernels = [k for k in found["kernels"] if k["plan"] == "twice"]
            self.assertEqual(len(kernels), 1)
            kernel = kernels[0]
            self.assertEqual((kernel["calls"], kernel["flops"], kernel["bytes"]), (10, 10 * 1024, 10 * 896))
            self.assertEqual((kernel["hero"], kernel["workers"]), ("contract", 1))
            self.assertEqual([(line["line"], line["share"]) for line in kernel["lines"]], [(2, 1)])
            line = [line for line in found["lines"] if line["line"] == 2][0]
            self.assertEqual(line["text"], "step twice(a: f32[16, 8], b: f32[8, 4]) -> f32[16, 4] { a @ b }")
            plan = [p for p in found["plans"] if p["name"] == "twice"][0]
            self.assertEqual((plan["runs"], plan["kernels"], plan["phases"], plan["line"]), (10, 1, 1, 2))
            self.assertGreater(sum(p["name"] == "expression" for p in found["plans"]), 0)

    def test_short_batches_count_what_they_have(self):
        """1437 examples are 44 batches of 32 and one of 29: so are the 45 steps behind the first three."""
        found = self.profile(DIGITS, "--steps", 45)
        inputs = [k for k in found["kernels"] if k["plan"] == "step" and k["kernel"] == "k1_map_image"][0]
        self.assertEqual(inputs["calls"], 45)
        self.assertEqual(inputs["bytes"], 1437 * 64 * (1 + 4))
        self.assertEqual(inputs["flops"] % 1437, 0)
        validates = [p for p in found["plans"] if p["name"] == "validate"]
        self.assertEqual([p["runs"] for p in validates], [12])  # 360 examples, once

    def test_counts_do_not_depend_on_threads(self):
        def counts(found):
            return sorted((k["plan"], k["kernel"], k["calls"], k["flops"], k["bytes"]) for k in found["kernels"])

        one, three = (self.profile(DIGITS, "--steps", 20, "--threads", n) for n in (1, 3))
        self.assertEqual(counts(one), counts(three))
        self.assertEqual(one["machine"]["all_threads"]["threads"], 1)
        self.assertEqual(three["machine"]["all_threads"]["threads"], 3)

    def test_parts_add_up(self):
        found = self.profile(DIGITS, "--steps", 30)
        parts = sum(found[part + "_seconds"] for part in ("kernels", "waiting", "data", "compiling", "statements"))
        self.assertAlmostEqual(parts / found["seconds"], 1, places=6)
        for rows in ("kernels", "lines"):
            self.assertAlmostEqual(sum(row["seconds"] for row in found[rows]) / found["kernels_seconds"], 1, places=6)
            self.assertEqual(found[rows], sorted(found[rows], key=lambda row: -row["seconds"]))
        self.assertAlmostEqual(found["step_seconds"], found["seconds"] / 30)
        for kernel in found["kernels"]:
            self.assertAlmostEqual(sum(line["share"] for line in kernel["lines"]), 1, places=6)
            self.assertIn(kernel["limit_by"], ("flops", "memory"))
            self.assertGreaterEqual(kernel["worker_seconds"] * 1.000001, kernel["seconds"])
        self.assertLessEqual(found["worker_seconds"], found["threads"] * found["kernels_seconds"] * 1.000001)
        alone = self.profile(DIGITS, "--steps", 30, "--threads", 1)
        for kernel in alone["kernels"]:  # nobody else is in a kernel at the same time
            self.assertAlmostEqual(kernel["seconds"] / kernel["worker_seconds"], 1, places=6)
        machine = found["machine"]
        self.assertEqual(len(machine["footprint_bytes"]), len(machine["one_thread"]["bytes_per_second"]))
        self.assertIsNone(machine["footprint_bytes"][-1])
        self.assertGreaterEqual(machine["all_threads"]["flops_per_second"], machine["one_thread"]["flops_per_second"])

    def test_the_program_computes_what_it_always_does(self):
        """What the program prints is what `dlc run` prints, as far as the profile goes; its files are not written."""
        path = self.write("training.dlm", TRAINING)
        for threads in (1, 3):
            profiled = self.expect(DONE, "profile", path, "--steps", 17, "--threads", threads)
            self.assertFalse((FOLDER / "net.safetensors").exists() or (FOLDER / "net2.safetensors").exists())
            run = self.expect(DONE, "run", path, "--quiet")
            lines = profiled.stderr.splitlines()
            self.assertGreaterEqual(len(lines), 19)  # the last step's `every` is behind the window
            self.assertEqual(lines, run.stdout.splitlines()[:len(lines)])
            for name in ("net.safetensors", "net2.safetensors"):
                os.remove(FOLDER / name)

    def test_programs_that_end_before(self):
        found = self.profile(self.write("product.dlm", PRODUCT), "--steps", 100)
        self.assertEqual(found["steps"], 17)
        few = self.write("few.dlm", PRODUCT.replace("0..20", "0..3"))
        self.expect(ERRORS, "profile", few, err="ran `twice` 3 times; the first 3 warm up")
        once = self.write("once.dlm", PRODUCT.replace("0..20", "0..1"))
        self.expect(ERRORS, "profile", once, err="ran `twice` 1 time; the first 3 warm up")

    def test_the_step_that_is_warm_first_is_counted(self):
        path = self.write("two.dlm", """
step once(a: f32[4]) -> f32[4] { a + 1 }
step often(a: f32[4]) -> f32[4] { a * 2 }
var x = once(zeros[4])
for i in 0..9 {
  x = often(x)
  if i == 5 { x = once(x) }
}
""")
        found = self.profile(path)
        self.assertEqual((found["step"], found["steps"]), ("often", 6))
        self.assertEqual({p["name"]: p["runs"] for p in found["plans"] if p["name"] != "expression"},
                         {"often": 6, "once": 1})
        fewer = self.write("fewer.dlm", path.read_text().replace("0..9", "0..2"))
        self.expect(ERRORS, "profile", fewer, err="ran `often` 2 times; the first 3 warm up")

    def test_tables(self):
        result = self.expect(DONE, "profile", self.write("training.dlm", TRAINING), "--steps", 10)
        text = result.stdout
        self.assertIn("training.dlm: 10 steps of `step` in ", text)
        for head in ("a step ", "kernel, per step ", "line, per step ", "limit, measured "):
            self.assertRegex(text, "(?m)^  " + head)
        self.assertRegex(text, r"(?m)^  3 .* x \|> flatten \|> Dense\[64\]")
        self.assertEqual(len(re.findall(r"(?m)^  in all .* 100\.0 %", text)), 3)
        for columns in (60, 100):
            wide = self.expect(DONE, "profile", DIGITS, "--steps", 3, settings={"COLUMNS": str(columns)}).stdout
            longest = max(len(line) for line in wide.splitlines()[1:])
            self.assertLessEqual(longest, max(columns, 86))  # figures are never cut, only texts

    def test_kernels_are_listed_where_they_are_asked_for(self):
        result = self.expect(DONE, "profile", DIGITS, "--steps", 3, "--kernels")
        self.assertRegex(result.stdout, r"(?m)^step: 9 kernels in 6 phases$")
        found = self.profile(DIGITS, "--steps", 3)
        plan = [p for p in found["plans"] if p["name"] == "step"][0]
        self.assertEqual((plan["kernels"], plan["phases"]), (9, 6))


class Picture(CommandLine):
    def test_it_is_xml_with_every_line(self):
        path = self.write("training.dlm", TRAINING)
        self.expect(DONE, "profile", path, "--steps", 5, "--svg", "picture.svg", "--threads", 2)
        root = xml.parse(FOLDER / "picture.svg").getroot()
        self.assertEqual(root.tag, SVG + "svg")
        texts = ["".join(node.itertext()) for node in root.iter(SVG + "text")]
        for wanted in ("training.dlm", "Time by line", "worker 1", "worker 2", "time it took"):
            self.assertIn(wanted, texts)
        self.assertTrue(any(text.startswith("The fastest step, ") for text in texts))
        titles = ["".join(node.itertext()) for node in root.iter(SVG + "title")]
        self.assertTrue(any('# "<a> & <b>" \'é\'' in text for text in titles), titles[:3])
        kernels = {title.split(",")[0] for title in titles if re.match(r"k\d+_", title)}
        self.assertGreaterEqual(len(kernels), 8)
        width = float(root.get("width"))
        for box in root.iter(SVG + "rect"):
            self.assertGreaterEqual(float(box.get("x", 0)), 0)
            self.assertLessEqual(float(box.get("x", 0)) + float(box.get("width")), width)

    def test_it_is_written_whole_or_not_at_all(self):
        folder = FOLDER / "pictures"
        folder.mkdir()
        self.expect(FILES, "profile", DIGITS, "--svg", "/proc/nowhere/picture.svg", err="picture.svg cannot be written")
        self.expect(FILES, "profile", DIGITS, "--svg", folder, err="pictures cannot be written: it is a folder")
        self.expect(FILES, "profile", DIGITS, "--svg", "", err="cannot be written")
        none = self.write("none.dlm", "print(1)\n")
        self.expect(ERRORS, "profile", none, "--svg", folder / "none.svg", err="ran no step")
        self.assertEqual(list(folder.iterdir()), [])


class WrongUse(CommandLine):
    def test_messages(self):
        none = self.write("none.dlm", "print(1)\n")
        self.expect(ERRORS, "profile", none, err="none.dlm ran no step, so there is nothing to profile")
        self.expect(USE, "profile", err="`dlc profile` needs a file")
        for value in ("0", "-1", "many", "1.5", ""):
            self.expect(USE, "profile", f"--steps={value}", DIGITS, err="--steps takes a number from 1 on")
        self.expect(USE, "profile", DIGITS, "--steps", err="--steps needs a value: --steps N")
        self.expect(USE, "profile", "--step", 3, DIGITS, err="did you mean --steps?")
        self.expect(USE, "profile", DIGITS, "--quiet", err="digits.dlm has no option --quiet")
        self.expect(USE, "profile", DIGITS, "--disable-pass", "csee", err="did you mean `cse`?")
        self.expect(FILES, "profile", "missing.dlm", err="E0001")
        self.expect(ERRORS, "profile", self.write("wrong.dlm", "let x = y\n"), err="error[E")
        self.expect(DONE, "profile", "--help", out="--svg FILE")
        self.expect(DONE, "profile", DIGITS, "--help", out="--lr NUMBER")
        self.expect(DONE, "--help", out="  profile  run some steps of a program")

    def test_errors_of_the_run(self):
        program = self.write("stops.dlm", PRODUCT.replace("sum = sum + y[0, 0]", "assert(i < 8, \"too far\")"))
        result = dlc("profile", program)
        self.assertEqual(result.returncode, ERRORS, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_without_the_jit(self):
        self.expect(ERRORS, "profile", DIGITS, settings={"DLC_JIT": "/nowhere/dlc-jit.so"}, err="the JIT cannot be loaded")


if __name__ == "__main__":
    main()
