#!/usr/bin/env python3
"""Emission as a user meets it: files in every form, compiled and linked as C, trained, with the bits of `dlc run`.

usage: test_emit.py DLC SOURCE_FOLDER DIGITS_ORDER [all]
With `all` also what takes gcc minutes.
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from support import DONE, ERRORS, FILES, FOLDER, SOURCES, USE, CommandLine, dlc, main

DIGITS, LINEAR = SOURCES / "tests" / "models" / "digits.dlm", SOURCES / "models" / "linear.dlm"
DIGITS_ORDER = os.path.abspath(sys.argv[3])
IS_THOROUGH = sys.argv[4:] == ["all"]
IS_X86 = os.uname().machine == "x86_64"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-pedantic"]
COMPILERS = [("gcc", "c99"), ("gcc", "gnu99"), ("g++", "c++17"), ("clang", "c99"), ("clang", "gnu99"),
             ("clang++", "c++17")]
# libm's correctly rounded functions, for processors without the instructions (docs/emit.md)
ROUNDED = {"fma", "fmaf", "floor", "floorf", "rint", "rintf"}


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=200)
    if result.returncode:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout[:2000]}\n{result.stderr[:4000]}")
    return result.stdout


def processor_has(*flags):
    try:
        words = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
    return all(flag in words for flag in flags)


def undefined(path):
    return {line.split()[-1] for line in run("nm", "-u", path).splitlines() if line.strip()}


class Emission(CommandLine):
    def emit(self, program, prefix, *options):
        folder = FOLDER / self.id().split(".")[-1] / prefix
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        result = self.expect(DONE, "emit", program, *options, "-o", folder / prefix)
        files = [pathlib.Path(line) for line in result.stdout.splitlines()]
        self.assertEqual(sorted(files), sorted(folder.iterdir()))
        return folder, files


class Training(Emission):
    @classmethod
    def setUpClass(cls):
        cls.data = FOLDER / "digits.rows"
        with open(cls.data, "wb") as file:
            subprocess.run([DIGITS_ORDER, "3", "1"], stdout=file, check=True, timeout=60)
        lines = run_dlc("run", DIGITS, "--json", "--digest").splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        epochs = [event for event in events if event["event"] == "epoch"]
        cls.expected = [f"epoch {e['train']['loss']:.9g} {e['train']['accuracy']:.9g}" for e in epochs]
        cls.expected.append(f"right {round(epochs[-1]['validation']['accuracy'] * 360)}")
        cls.digest = re.search(r"digest ([0-9a-f]{16})", "\n".join(lines)).group(0)
        cls.logits = set()

    def check(self, folder, compiler, options, files):
        if not shutil.which(compiler):
            self.skipTest(f"no {compiler}")
        program = folder / "train"
        run(compiler, *options, *WARNINGS, f"-I{folder}", "-o", program, HERE / "train.c", *files)
        lines = run(program, self.data).splitlines()
        self.assertEqual(lines[:len(self.expected)], self.expected)
        self.assertEqual(lines[-1], self.digest)
        self.logits.add(lines[-2])
        self.assertEqual(len(self.logits), 1, "logits differ between forms")

    def check_c(self, compiler, *options):
        folder, files = self.emit(DIGITS, "digits", "--c")
        self.check(folder, compiler, options, [file for file in files if file.suffix == ".c"])

    def check_objects(self, ending, *options, libraries=()):
        folder, files = self.emit(DIGITS, "digits", *options)
        files = [file for file in files if file.suffix == ending]
        self.check(folder, "gcc", ["-std=c99", "-O1"], [*files, *libraries])
        return files

    @unittest.skipUnless(IS_THOROUGH, "gcc takes long")
    def test_c_gcc(self):
        for level in ("-O1", "-O3"):
            self.check_c("gcc", "-std=c99", level, "-march=native")

    def test_c_gcc_unoptimised(self):
        self.check_c("gcc", "-std=c99", "-O0")

    def test_c_clang(self):
        self.check_c("clang", "-std=c99", "-O2", "-march=native")

    def test_c_as_cpp(self):
        self.check_c("g++", "-x", "c++", "-std=c++17", "-O1", "-march=native")

    def test_objects(self):
        for file in self.check_objects(".o", "--obj"):
            if not IS_X86 or processor_has("fma"):
                self.assertEqual(undefined(file), set())
            self.assertRegex(run("nm", file), r"(?m) T digits_\w+$")

    def test_objects_without_fusion(self):
        self.check_objects(".o", "--obj", "--disable-pass", "fuse")

    def test_assembly(self):
        self.check_objects(".s", "--asm")

    @unittest.skipUnless(IS_X86, "x86-64 processors")
    def test_processors(self):
        for file in self.check_objects(".o", "--obj", "--cpu", "x86-64", libraries=["-lm"]):
            self.assertLessEqual(undefined(file), ROUNDED)
        if processor_has("avx2", "fma"):
            for file in self.check_objects(".o", "--obj", "--cpu", "x86-64-v3"):
                self.assertEqual(undefined(file), set())
        if processor_has("avx512f", "avx512vl", "avx512bw", "avx512dq", "avx512cd"):
            for file in self.check_objects(".o", "--obj", "--cpu", "x86-64-v4"):
                self.assertEqual(undefined(file), set())


def run_dlc(*arguments):
    result = dlc(*arguments)
    if result.returncode:
        raise AssertionError(result.stderr)
    return result.stdout


class Files(Emission):
    def test_c_is_clean_everywhere(self):
        for program in (DIGITS, LINEAR):
            folder, files = self.emit(program, program.stem, "--c")
            for compiler, standard in COMPILERS:
                if not shutil.which(compiler):
                    continue
                for file in files:
                    if file.suffix == ".c":
                        language = "c++" if "+" in standard else "c"
                        run(compiler, "-x", language, f"-std={standard}", *WARNINGS, "-fsyntax-only", file)

    def test_c_calls_nothing(self):
        folder, files = self.emit(DIGITS, "digits", "--c")
        for compiler, level in (("gcc", "-O0"), ("gcc", "-O2"), ("clang", "-O2")):
            if shutil.which(compiler) and (IS_THOROUGH or (compiler, level) != ("gcc", "-O2")):
                for file in files:
                    if file.suffix == ".c":
                        run(compiler, "-std=c99", level, "-march=native", "-c", file, "-o", f"{file}.o")
                        self.assertEqual(undefined(f"{file}.o"), set(), (compiler, file))

    def test_same_header_in_every_form(self):
        headers = []
        for form in ("--c", "--obj", "--asm", "--llvm-ir"):
            folder, files = self.emit(DIGITS, "digits", form)
            headers.append({file.name: file.read_text() for file in files if file.suffix == ".h"})
            shutil.rmtree(folder)
        self.assertEqual(len(headers[0]), 4)
        self.assertTrue(all(header == headers[0] for header in headers))
        step = headers[0]["digits_Net_step.h"]
        self.assertIn("const float *lr; /* f32, read: option `lr`, 0.003 */", step)
        self.assertIn("float *Net_dense_1_w; /* f32[64, 64], read and written: weight `Net.dense_1.w` */", step)
        self.assertIn("#define DIGITS_NET_STEP_BATCH_MAX 32\n", step)
        for text in headers[0].values():
            members = re.search(r"_buffers \{\n(.*?)\};", text, re.S).group(1).splitlines()
            for member in members:
                self.assertRegex(member, r"; /\* .*(read|written): .+ \*/$")

    def test_llvm_ir(self):
        _, files = self.emit(DIGITS, "digits", "--llvm-ir")
        text = next(file for file in files if file.name == "digits_Net.ll").read_text()
        self.assertIn("define i32 @digits_Net(ptr %0, ptr %1, i64 %2)", text)

    def test_foreign_machines(self):
        for triple, machine in (("aarch64-linux-gnu", 183), ("riscv64-linux-gnu", None)):
            options = ["--cpu", "sifive-u74"] if machine is None else []
            _, files = self.emit(DIGITS, f"d{triple}", "--obj", "--target", triple, *options)
            for file in files:
                if file.suffix == ".o":
                    self.assertEqual(struct.unpack("<H", file.read_bytes()[18:20])[0], machine or 243)

    def test_options_of_the_program(self):
        folder, _ = self.emit(DIGITS, "small", "--c", "--hidden", "8", "--lr", "0.5")
        text = (folder / "small_Net_step.h").read_text()
        self.assertIn("f32[64, 8]", text)
        self.assertIn("option `lr`, 0.5", text)

    def test_names_never_collide(self):
        text = LINEAR.read_text()
        train = re.search(r"train Line on.*?\n}\n", text, re.S).group(0)
        _, files = self.emit(self.write("twice.dlm", text + train), "twice", "--c")
        self.assertIn("twice_Line_step_2.h", [file.name for file in files])

    def test_functions_of_a_model_are_entries(self):
        program = self.write("coder.dlm", """model Coder[Z: dim = 3] {
  let into = Dense[Z]
  let back = Dense[4]
  fn encode(x: f32[B, 4]) -> f32[B, Z] { into(x) }
  fn decode(z: f32[B, Z]) -> f32[B, 4] { z |> back }
}
""")
        folder, files = self.emit(program, "coder", "--c")
        names = [file.name for file in files]
        self.assertIn("coder_Coder_encode.c", names)
        self.assertIn("f32[B, 3], read: `z`", (folder / "coder_Coder_decode.h").read_text())
        for file in files:
            if file.suffix == ".c":
                run("gcc", "-std=c99", "-O0", *WARNINGS, "-c", "-o", folder / "one.o", file)
        shutil.rmtree(folder)

    def test_example_of_the_manual(self):
        manual = (SOURCES / "docs" / "emit.md").read_text()
        program = re.search(r"```c\n(.*?)```", manual, re.S).group(1)
        printed = re.search(r"```text\n(.*?)```", manual, re.S).group(1)
        for form in ("--c", "--obj"):
            folder, files = self.emit(LINEAR, "linear", form)
            self.write(folder / "main.c", program)
            files = [file for file in files if file.suffix in (".c", ".o")]
            run("gcc", "-std=c99", "-O0", *WARNINGS, f"-I{folder}", "-o", folder / "main", folder / "main.c", *files)
            self.assertEqual(run(folder / "main"), printed)
            shutil.rmtree(folder)


class WrongUse(CommandLine):
    def test_forms(self):
        self.expect(USE, "emit", DIGITS, err="say what to emit: --c, --obj, --asm or --llvm-ir")
        self.expect(USE, "emit", DIGITS, "--c", "--obj", err="one form can be emitted at a time")
        self.expect(USE, "emit", DIGITS, "--asm", "--llvm-ir", err="one form can be emitted at a time")
        self.expect(USE, "emit", DIGITS, "--c", "--cpu", "x86-64", err="--cpu is for machine code")
        self.expect(USE, "emit", "--c", err="needs a file")

    def test_machines(self):
        prefix = FOLDER / "machines"
        for form in ("--obj", "--asm", "--llvm-ir"):
            self.expect(USE, "emit", DIGITS, form, "-o", prefix, "--cpu", "abacus", err="there is no processor `abacus` for ")
            self.expect(USE, "emit", DIGITS, form, "-o", prefix, "--target", "pdp11", err="there is no machine `pdp11`")
        self.expect(USE, "emit", DIGITS, "--obj", "-o", prefix, "--target", "nvptx64-nvidia-cuda", err="no code can be made for")
        self.expect(USE, "emit", DIGITS, "--obj", "-o", prefix, "--target", "x86_64-linux-gnu", "--cpu", "i386",
                    err="with processor `i386`")
        self.assertEqual(list(FOLDER.glob("machines*")), [])

    def test_nothing_to_emit(self):
        self.expect(ERRORS, "emit", self.write("plain.dlm", "print(1)\n"), "--c", err="there is nothing to emit")

    def test_nothing_is_half_written(self):
        self.expect(FILES, "emit", DIGITS, "--c", "-o", FOLDER / "nowhere" / "digits", err="cannot write")
        folder = FOLDER / "blocked"
        (folder / "digits_Net_step.o").mkdir(parents=True)  # in the place of the last but one
        self.expect(FILES, "emit", DIGITS, "--obj", "-o", folder / "digits", err="digits_Net_step.o: Is a directory")
        self.assertEqual([path.name for path in folder.iterdir()], ["digits_Net_step.o"])
        if os.geteuid() != 0:
            sealed = FOLDER / "sealed"
            sealed.mkdir()
            sealed.chmod(0o500)
            self.expect(FILES, "emit", DIGITS, "--obj", "-o", sealed / "digits", err="cannot write")
            sealed.chmod(0o700)


if __name__ == "__main__":
    main()
