#!/usr/bin/env python3
"""Machine code without a clock: which vectors the kernels of a step compute with on each family of machines, and how many
instructions a step takes (counted by callgrind, where valgrind is there).

usage: test_machine_code.py DLC SOURCE_FOLDER
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

DLC, SOURCES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
HERE = pathlib.Path(__file__).resolve().parent

# target, processor: multiply-adds of f32 on whole vectors, and on single numbers
FAMILIES = {
    ("x86_64-linux-gnu", "x86-64-v4"): (r"\bvf\w+ps\b.*%zmm", r"\bvf\w+ss\b"),
    ("x86_64-linux-gnu", "x86-64-v3"): (r"\bvf\w+ps\b.*%ymm", r"\bvf\w+ss\b"),
    ("aarch64-linux-gnu", "cortex-a72"): (r"\bfml[as]\s+v\d+\.4s", r"\bfn?m(add|sub)\s+s\d"),
}
# millions of instructions of a step on x86-64-v3, eight lanes to a vector; a multiply-add in eight would be FLOPs/16
CASES = {"digits_mlp": (32, 0.15), "mlp": (64, 32), "vae": (128, 67), "lenet": (64, 490)}
LARGEST = 16 << 20  # bytes of the largest tensor of these cases, and more


def run(*arguments, **options):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=500, **options)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class MachineCode(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def emitted(self, case, form, *options):
        """The step's header and file."""
        run(DLC, "emit", SOURCES / "bench" / "cases" / f"{case}.dlm", form, "-o", self.folder / case, *options)
        header, = self.folder.glob(f"{case}_*_step.h")
        return header, header.with_suffix(".s" if form == "--asm" else ".o")

    def test_kernels_compute_with_the_widest_vectors(self):
        for (target, processor), (whole, single) in FAMILIES.items():
            with self.subTest(target=target, processor=processor):
                _, path = self.emitted("mlp", "--asm", "--target", target, "--cpu", processor)
                text = path.read_text(encoding="utf-8")
                vectors, numbers = len(re.findall(whole, text)), len(re.findall(single, text))
                self.assertGreater(vectors, 100)
                self.assertLessEqual(numbers, vectors // 20, f"{numbers} of single numbers beside {vectors} of vectors")

    def counted(self, program, times):
        done = run("valgrind", "--tool=callgrind", f"--callgrind-out-file={self.folder}/out", program, times)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])

    @unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
    @unittest.skipUnless(" avx2 " in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), "a processor without AVX2")
    def test_a_step_takes_few_instructions(self):
        for case, (batch, most) in CASES.items():
            with self.subTest(case=case):
                header, code = self.emitted(case, "--obj", "--target", "x86_64-linux-gnu", "--cpu", "x86-64-v3")
                step, program = header.stem, self.folder / f"{case}.run"
                run("cc", "-O1", f'-DHEADER="{header}"', f"-DSTEP={step}", f"-DBUFFERS={step}_buffers",
                    f"-DWORKSPACE={step.upper()}_WORKSPACE_BYTES", f"-DLARGEST={LARGEST}", f"-DBATCH={batch}",
                    HERE / "count_step.c", code, "-o", program)
                count = (self.counted(program, 2) - self.counted(program, 1)) / 1e6
                print(f"{case}: {count:.2f} million instructions a step", file=sys.stderr)
                self.assertLessEqual(count, most)
                self.assertGreater(count, most / 2, "far fewer than the bound: lower the bound")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
