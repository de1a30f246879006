#!/usr/bin/env python3
"""Diagnostics as a whole: `dlc check --fix` and `--strict`, `# allow`, edits in the JSON, how places are drawn.

usage: test_fix.py DLC SOURCE_FOLDER
"""
import importlib.machinery
import importlib.util
import json
import os
import re
import stat
import sys

from support import DLC, DONE, ERRORS, FILES, SOURCES, USE, CommandLine, dlc, main

SPELLING = """layer Two[Hidden](x: f32[B, 8]) -> f32[B, 2] {
  x |> Dens[Hidden] |> rellu |> Dense[2, biass=false]
}
"""


class Fix(CommandLine):
    def test_all_that_do_not_overlap(self):
        path = self.write("spelling.dlm", SPELLING)
        os.chmod(path, 0o640)
        result = self.expect(DONE, "check", "--fix", path, err="3 fixes applied")
        self.assertIn("spelling.dlm:2:8: E0201: did you mean `Dense`?", result.stderr)
        self.assertEqual(path.read_text(), SPELLING.replace("Dens[", "Dense[").replace("rellu", "relu")
                         .replace("biass", "bias"))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        self.assertEqual([p.name for p in path.parent.glob("spelling.dlm*")], ["spelling.dlm"])

    def test_what_is_left_is_reported(self):
        path = self.write("left.dlm", "print(zeros[2] + zerros[3])\nprint(nobody_knows)\n")
        result = self.expect(ERRORS, "check", "--fix", path, err="1 fix applied")
        self.assertIn("error[E0303]", result.stderr)  # seen only once the name is mended
        self.assertIn("there is no name `nobody_knows`", result.stderr)
        self.assertEqual(path.read_text(), "print(zeros[2] + zeros[3])\nprint(nobody_knows)\n")

    def test_nothing_to_mend(self):
        text = "print(zeros[2] + zeros[3])\n"
        path = self.write("nothing.dlm", text)
        self.expect(ERRORS, "check", "--fix", path, err="no mistake here has a mechanical fix")
        self.assertEqual(path.read_text(), text)

    def test_syntax(self):
        path = self.write("syntax.dlm", "let a = ones[2] && ones[2]\nprint(a)\n")
        result = dlc("check", "--fix", path)
        self.assertIn("1 fix applied", result.stderr)
        self.assertIn("ones[2] and ones[2]", path.read_text())

    def test_files_that_cannot_change(self):
        self.expect(USE, "check", "--fix", "-", stdin=SPELLING, err="the standard input is none")
        self.expect(FILES, "check", "--fix", "nowhere.dlm", err="there is no such file")

    def test_edits_in_json(self):
        path = self.write("spelling.dlm", SPELLING)
        lines = [json.loads(line) for line in self.expect(ERRORS, "check", "--json", path).stdout.splitlines()]
        fix = next(line for line in lines if line["code"] == "E0201")["fixes"][0]
        self.assertEqual((fix["line"], fix["column"], fix["end_column"], fix["replacement"]), (2, 8, 12, "Dense"))


class Strict(CommandLine):
    WARNING = "fn count(x: f32[N, T]) -> f32 { sum(x) / N }\nprint(count(ones[2, 3]))\n"

    def test_warnings_become_errors(self):
        path = self.write("warning.dlm", self.WARNING)
        self.expect(DONE, "check", path, err="warning[W0209]")
        self.expect(ERRORS, "check", "--strict", path, err="error[W0209]")
        self.expect(ERRORS, "run", "--strict", path, err="error[W0209]")
        line = self.expect(ERRORS, "check", "--strict", "--json", path).stdout.splitlines()[0]
        self.assertEqual(json.loads(line)["severity"], "error")

    def test_allowed_ones_do_not(self):
        path = self.write("allowed.dlm", self.WARNING.replace("}\n", "} # allow W0209: T is for the reader\n", 1))
        result = self.expect(DONE, "check", "--strict", path)
        self.assertEqual(result.stderr, "")


class Drawing(CommandLine):
    def test_several_places_on_a_line(self):
        path = self.write("draw.dlm", """layer Wrong[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[Out, In] ~ glorot
  x @ w
}
""")
        drawing = """  |
1 | layer Wrong[Out](x: f32[B, In]) -> f32[B, Out] {
  |             ---            -- In enters here
  |             |
  |             Out is declared here
2 |   param w: f32[Out, In] ~ glorot
3 |   x @ w
"""
        self.assertIn(drawing, self.expect(ERRORS, "check", path).stderr)

    def test_tabs_wide_characters_and_long_lines(self):
        path = self.write("wide.dlm", "print(\"名\", nothing_here)\nprint(\t\tnobody)\nprint(" + "1, " * 100 + "nothing)\n")
        text = dlc("check", path).stderr
        for line in text.splitlines():
            self.assertLessEqual(len(line), 180)
        self.assertIn("2 | print(      nobody)\n  |             ^^^^^^\n", text)


class Readme(CommandLine):
    def test_its_messages_are_those_of_today(self):
        sys.dont_write_bytecode = True
        loader = importlib.machinery.SourceFileLoader("make_messages", str(SOURCES / "scripts" / "make_messages"))
        make_messages = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_messages", loader))
        loader.exec_module(make_messages)
        text = (SOURCES / "README.md").read_text()
        self.assertGreaterEqual(len(make_messages.PLACE.findall(text)), 5)
        self.assertEqual(make_messages.rewritten(text, DLC), text, "README.md is out of date: run scripts/make_messages")


class Samples(CommandLine):
    def test_all_mistakes_of_bad_shapes(self):
        """The checked copy is the sample with expectations above its lines."""
        checked = (SOURCES / "tests/lang/check/err/bad_shapes.dlm").read_text()
        plain = re.sub(r"^ *# (?:error E|warning W|label: |note: |fix: ).*\n", "", checked, flags=re.M)
        self.assertEqual(plain, (SOURCES / "tests/lang/samples/bad_shapes.dlm").read_text())


if __name__ == "__main__":
    main()
