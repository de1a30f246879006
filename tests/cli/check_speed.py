#!/usr/bin/env python3
"""How many instructions `dlc check` takes, whole process, counted by callgrind: no clock, so no noise.

usage: check_speed.py DLC SOURCE_FOLDER; exit code 77 without valgrind
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DLC, SOURCES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
DEEP = ("model Net(x: f32[B, 64]) -> f32[B, 10] {\n  var h = x\n" + "  h = h |> Dense[64] |> relu\n" * 200 +
        "  h |> Dense[10]\n}\ntrain Net on digits.train {\n  batch = 32; epochs = 1\n"
        "  step (image, label) { minimize mean(cross_entropy(Net(f32(image) |> flatten), label)) using adam[lr=1e-3] }\n}\n")
RESIDUAL = """model Net(x: f32[B, 16]) -> f32[B, 4] {{
  var h = x |> Dense[16] |> relu
  repeat i in 0..{blocks} {{ h = h + (h |> LayerNorm |> Dense[16] |> relu) }}
  h |> Dense[4]
}}
data d {{ x: f32[16] from normal[64, 16] }}
train Net on d {{
  batch = 8; steps = 1
  step (x) {{ minimize mean(Net(x)**2) using adam[lr=1e-3] }}
}}
"""


def instructions(path):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", DLC, "check", str(path)],
                              capture_output=True, text=True, timeout=1000)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def main():
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        empty, deep = pathlib.Path(folder) / "empty.dlm", pathlib.Path(folder) / "deep.dlm"
        empty.write_text("print(1)\n")
        deep.write_text(DEEP)
        samples = sorted((SOURCES / "models").glob("*.dlm"), key=lambda path: path.stat().st_size)
        cases = [(empty, 30), (samples[-1], 90), (SOURCES / "models" / "digits.dlm", 60), (deep, 1500)]  # millions: 3 are a ms
        failures = 0
        residual = pathlib.Path(folder) / "residual.dlm"
        residual.write_text(RESIDUAL.format(blocks=90))
        cases.append((residual, 2000))  # every block reads the results of those before it
        for path, most in cases:
            count = instructions(path) / 1e6
            failures += count > most
            print(f"{path.name}: {count:.1f} million instructions{'' if count <= most else f', more than {most}'}")
    return 1 if failures else 0


sys.exit(main())
