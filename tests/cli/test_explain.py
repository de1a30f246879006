#!/usr/bin/env python3
"""The catalogue of diagnostics: every code has a page whose mistake really gives this code, and only it, and
whose mended version really passes; `dlc explain` prints it; docs/errors.md is up to date.

usage: test_explain.py DLC SOURCE_FOLDER
"""
import fcntl
import importlib.machinery
import importlib.util
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unittest

from support import DLC, DONE, FOLDER, SOURCES, USE, CommandLine, dlc, environment, main


def load_make_errors():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("make_errors", str(SOURCES / "scripts" / "make_errors"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_errors", loader))
    loader.exec_module(module)
    return module


make_errors = load_make_errors()
PAGES = make_errors.pages()


def on_terminal(*arguments, columns, settings=None):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    process = subprocess.Popen([DLC, *arguments], stdin=slave, stdout=slave, stderr=slave,
                               env=environment({"TERM": "xterm", **(settings or {})}))
    os.close(slave)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    process.wait(60)
    os.close(master)
    return text.decode().replace("\r\n", "\n")


class Pages(CommandLine):
    def codes_of(self, result):
        return re.findall(r"^(?:error|warning)\[(\w+)\]", result.stderr, re.M)

    def run_example(self, name, example):
        path = self.write(name, example.text)
        command = example.command or ["check"]
        return dlc(command[0], path, *command[1:])

    def test_mistakes_give_their_code_and_only_it(self):
        for page in PAGES:
            for number, example in enumerate(e for e in page.examples if e.is_error):
                with self.subTest(code=page.code, number=number):
                    result = self.run_example(f"{page.code}.dlm", example)
                    self.assertEqual(self.codes_of(result), [page.code], result.stderr)
                    self.assertIn(f"= more: dlc explain {page.code}", result.stderr)

    def test_mended_versions_pass(self):
        for page in PAGES:
            for number, example in enumerate(e for e in page.examples if not e.is_error):
                with self.subTest(code=page.code, number=number):
                    result = self.run_example(f"{page.code}.dlm", example)
                    self.assertEqual((result.returncode, self.codes_of(result)), (DONE, []), result.stderr)
                    check = dlc("check", FOLDER / f"{page.code}.dlm")
                    self.assertEqual((check.returncode, check.stderr), (DONE, ""))
                    self.expect(DONE, "fmt", "--check", FOLDER / f"{page.code}.dlm")

    def test_catalogue_is_up_to_date(self):
        self.assertEqual((SOURCES / "docs" / "errors.md").read_text(), make_errors.catalogue(),
                         "docs/errors.md is out of date: run scripts/make_errors")

    def test_all_are_printed(self):
        for page in PAGES:
            with self.subTest(code=page.code):
                result = self.expect(DONE, "explain", page.code)
                self.assertTrue(result.stdout.startswith(f"{page.code}: {page.title}\n"))
                self.assertLessEqual(max(map(len, result.stdout.splitlines())), 110)
                words = " ".join(result.stdout.split())
                for paragraph in page.paragraphs:
                    self.assertIn(paragraph, words)
                for example in page.examples:
                    self.assertIn(re.sub("^(?=.)", "    ", example.text, flags=re.M), result.stdout)


class Explain(CommandLine):
    def test_without_a_code(self):
        lines = [f"{page.code}  {page.title}" for page in PAGES]
        self.assertEqual(self.expect(DONE, "explain").stdout.splitlines(), lines)

    def test_other_spellings(self):
        page = self.expect(DONE, "explain", "E0302").stdout
        for spelling in ("e0302", "e302", "302", "0302"):
            self.assertEqual(self.expect(DONE, "explain", spelling).stdout, page)

    def test_unknown_codes(self):
        self.expect(USE, "explain", "E03022", err="did you mean `E0302`?")
        self.expect(USE, "explain", "E9999", err="`dlc explain` lists all")
        self.expect(USE, "explain", "dense", err="there is no code `dense`")
        self.expect(USE, "explain", "E0101", "E0102", err="takes one code")

    def test_wrapped_to_the_terminal(self):
        for columns in (50, 90):
            text = on_terminal("explain", "E0302", columns=columns)
            prose = re.sub("\033\\[[0-9;]*m", "", text).split("Wrong:")[0].splitlines()[2:]
            self.assertLessEqual(max(map(len, prose)), columns)
            self.assertGreater(max(map(len, prose)), columns - 12)

    def test_colours_only_on_a_terminal(self):
        self.assertIn("\033[1;31mE0302", on_terminal("explain", "E0302", columns=80))
        self.assertIn("\033[1;33mW0209", on_terminal("explain", "W0209", columns=80))
        self.assertNotIn("\033", on_terminal("explain", "E0302", columns=80, settings={"NO_COLOR": "1"}))
        self.assertNotIn("\033", on_terminal("explain", "E0302", "--no-color", columns=80))

    def test_a_message_names_its_page_once(self):
        path = self.write("two.dlm", "print(nobody)\nprint(nothing)\nprint(zeros[2.5])\n")
        result = dlc("check", path)
        self.assertEqual(result.stderr.count("= more: dlc explain E0201\n"), 1)
        self.assertEqual(result.stderr.count("= more: dlc explain E0311\n"), 1)


if __name__ == "__main__":
    main()
