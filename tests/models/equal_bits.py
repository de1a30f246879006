#!/usr/bin/env python3
"""Trains a program with different executors, thread counts, schedules and passes; every weight must come out
with the same bits.  usage: equal_bits.py DLC PROGRAM [PROGRAM OPTION...] -- VARIANT...
A variant is a string of options, as "--threads 2"."""
import re
import subprocess
import sys

split = sys.argv.index("--")
dlc, program = sys.argv[1], sys.argv[2:split]
digests = {}
for variant in sys.argv[split + 1:]:
    command = [dlc, "run", *program, "--quiet", "--digest", *variant.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    match = re.search(r"digest ([0-9a-f]{16})", done.stdout + done.stderr)
    if done.returncode or not match:
        print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(1)
    digests[variant] = match.group(1)
    print(f"{match.group(1)}  {variant}")
sys.exit(0 if len(set(digests.values())) == 1 else 1)
