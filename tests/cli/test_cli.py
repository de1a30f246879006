#!/usr/bin/env python3
"""The command line from outside: every wrong use and bad file has its exit code and a clear message.

usage: test_cli.py DLC SOURCE_FOLDER
"""
import os
import re
import resource
import subprocess
import unittest

from support import DLC, DONE, ERRORS, FILES, FOLDER, SOURCES, USE, CommandLine, dlc, main


class Use(CommandLine):
    def test_without_a_command(self):
        self.expect(USE, out="usage: dlc COMMAND")

    def test_help(self):
        for words in (["--help"], ["-h"], ["help"]):
            self.expect(DONE, *words, out="exit codes".capitalize())
        self.expect(DONE, "fmt", "--help", out="usage: dlc fmt [--check] FILE...")
        self.expect(DONE, "help", "fmt", out="usage: dlc fmt")
        self.expect(DONE, "fmt", "-h", out="--check")

    def test_version(self):
        self.expect(DONE, "--version", out="dlc 0.")
        self.expect(DONE, "fmt", "--version", out="dlc 0.")

    def test_unknown_command(self):
        self.expect(USE, "frobnicate", err="there is no command `frobnicate`")
        self.expect(USE, "fnt", err="did you mean `fmt`?")
        self.expect(USE, "digits.dlm", err="did you mean `dlc run digits.dlm`?")
        self.expect(USE, "help", "fnt", err="did you mean `fmt`?")
        self.expect(USE, "", err="there is no command ``")

    def test_unknown_option(self):
        self.expect(USE, "fmt", "--chekc", "-", err="did you mean --check?")
        self.expect(USE, "fmt", "--frobnicate", "-", err="`dlc fmt` has no option --frobnicate")
        self.expect(USE, "fmt", "-x", "-", err="`-x` is not an option")
        self.expect(USE, "fmt", "--check=yes", "-", err="--check takes no value")
        self.expect(USE, "--frobnicate", err="there is no option --frobnicate before a command")

    def test_words_behind_two_dashes_are_files(self):
        self.expect(FILES, "fmt", "--", "--check", err="cannot read --check")

    def test_explain(self):
        self.expect(DONE, "explain", "E0101", out="E0101: the text does not follow the grammar")
        self.expect(DONE, "explain", "e0101", out="E0101")
        self.expect(DONE, "explain", "101", out="E0101")
        self.expect(DONE, "explain", out="E0001  a file cannot be read")
        self.expect(USE, "explain", "E9999", err="there is no code `E9999`")
        self.expect(USE, "explain", "nonsense", err="there is no code `nonsense`")
        self.expect(USE, "explain", "E", err="there is no code `E`")
        self.expect(USE, "explain", "E0101", "E0102", err="takes one code")


class Format(CommandLine):
    def test_files_are_rewritten_and_then_stay(self):
        path = self.write("ugly.dlm", "let   x=1   # one\nprint( x )\n")
        path.chmod(0o640)
        self.expect(ERRORS, "fmt", "--check", path, out="ugly.dlm")
        self.assertEqual(path.read_text(), "let   x=1   # one\nprint( x )\n")
        result = self.expect(DONE, "fmt", path)
        self.assertEqual(result.stdout, "")
        formatted = path.read_text()
        self.assertIn("let x = 1", formatted)
        self.assertIn("# one", formatted)
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)
        before = path.stat().st_mtime_ns
        self.expect(DONE, "fmt", path)
        self.assertEqual(path.stat().st_mtime_ns, before)
        self.expect(DONE, "fmt", "--check", path)
        self.assertEqual([p.name for p in FOLDER.glob("ugly.dlm*")], ["ugly.dlm"])

    def test_links_stay_links(self):
        path = self.write("linked.dlm", "let   x=1\nprint(x)\n")
        link = FOLDER / "link.dlm"
        link.symlink_to(path)
        self.expect(DONE, "fmt", link)
        self.assertTrue(link.is_symlink())
        self.assertIn("let x = 1", path.read_text())

    def test_standard_input(self):
        result = self.expect(DONE, "fmt", "-", stdin="let   x=1\nprint(x)\n")
        self.assertEqual(result.stdout, "let x = 1\nprint(x)\n")
        self.expect(ERRORS, "fmt", "--check", "-", stdin="let   x=1\nprint(x)\n", out="<standard input>")

    def test_mistakes_leave_the_file_alone(self):
        path = self.write("wrong.dlm", "let = 3\n")
        other = self.write("other.dlm", "let   x=1\nprint(x)\n")
        self.expect(ERRORS, "fmt", path, other, err="wrong.dlm:1:5")
        self.assertEqual(path.read_text(), "let = 3\n")
        self.assertIn("let x = 1", other.read_text())

    def test_models_are_formatted(self):
        self.expect(DONE, "fmt", "--check", *sorted((SOURCES / "models").glob("*.dlm")))

    def test_needs_a_file(self):
        self.expect(USE, "fmt", err="needs a file")

    def test_a_folder_without_permission(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        folder = FOLDER / "sealed"
        folder.mkdir()
        path = self.write("sealed/a.dlm", "let   x=1\nprint(x)\n")
        folder.chmod(0o500)
        self.expect(FILES, "fmt", path, err="cannot write")
        folder.chmod(0o700)
        self.assertEqual(path.read_text(), "let   x=1\nprint(x)\n")


with open(DLC, "rb") as program:
    IS_SANITIZED = re.search(rb"__[at]san_init|libubsan", program.read()) is not None


class BadFiles(CommandLine):
    command = "fmt"

    def test_missing(self):
        self.expect(FILES, self.command, "nothere.dlm", err="cannot read nothere.dlm: there is no such file")
        self.write("there.dlm", "print(1)\n")
        self.expect(FILES, self.command, "there", err="write there.dlm")

    def test_folder(self):
        self.expect(FILES, self.command, FOLDER, err="it is a folder")

    def test_empty(self):
        self.expect(DONE, self.command, self.write("empty.dlm", ""))

    def test_binary(self):
        self.expect(FILES, self.command, self.write("binary.dlm", bytes(range(256)) * 10), err="E0002")
        self.expect(FILES, self.command, self.write("zeros.dlm", b"print(1)\n\0\0"), err="E0002")

    def test_invalid_utf8(self):
        self.expect(FILES, self.command, self.write("latin.dlm", b"# caf\xe9\nprint(1)\n"), err="E0002")

    def test_too_large(self):
        path = FOLDER / "huge.dlm"
        with open(path, "wb") as file:
            file.truncate(100 << 20)
        self.expect(FILES, self.command, path, err="E0003")
        path.unlink()
        self.expect(FILES, self.command, "/dev/zero", err="E0003", preexec_fn=limit_memory)

    def test_many_brackets(self):
        path = self.write("brackets.dlm", b"(" * (15 << 20))
        result = dlc(self.command, path, preexec_fn=limit_memory)
        self.assertIn(result.returncode, (ERRORS, FILES), result.stderr[:500])
        self.assertLess(len(result.stderr), 20000)
        path.unlink()

    def test_deep_nesting(self):
        for opener, closer in ("()", "[]", "{}"):
            depth = 100000
            text = "let x = " + opener * depth + "1" + closer * depth + "\nprint(x)\n"
            result = dlc(self.command, "-", stdin=text)
            self.assertEqual(result.returncode, ERRORS, result.stderr[:500])


def limit_memory():
    if not IS_SANITIZED:  # sanitizers reserve terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


class Streams(CommandLine):
    def test_a_full_disk_is_reported(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            result = subprocess.run([DLC, "explain"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(result.returncode, FILES)
        self.assertIn("cannot write to the standard output", result.stderr)

    def test_a_closed_pipe_ends_quietly(self):
        read, write = os.pipe()
        os.close(read)
        result = subprocess.run([DLC, "explain"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(write)
        self.assertNotEqual(result.returncode, DONE)
        self.assertNotIn("internal", result.stderr)


if __name__ == "__main__":
    main()
