#!/usr/bin/env python3
"""Trains a program and compares the mean loss of every epoch, then the numbers that it prints, with recorded ones
(tests/oracle), to a relative tolerance.  Further variants must give the same text as the first, to the last digit.
usage: equal_losses.py DLC PROGRAM LOSSES TOLERANCE [VARIANT...]      a variant is a string of options, as "--threads 2" """
import json
import subprocess
import sys

dlc, program, recorded, tolerance = sys.argv[1:5]
expected = [float(line) for line in open(recorded)]


def run(variant):
    command = [dlc, "run", "--json", *variant.split(), program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(1)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [e["train"]["loss"] for e in events if e["event"] == "epoch"] + [
        float(e["text"]) for e in events if e["event"] == "print"]


variants = sys.argv[5:] or [""]
found = {variant: run(variant) for variant in variants}
first = found[variants[0]]
print(f"expected {expected}")
for variant, losses in found.items():
    print(f"found    {losses}  {variant}")
close = len(first) == len(expected) and all(
    abs(a - b) <= float(tolerance) * abs(b) for a, b in zip(first, expected))
sys.exit(0 if close and all(losses == first for losses in found.values()) else 1)
