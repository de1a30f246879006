#!/usr/bin/env python3
"""Trains a program and compares the mean loss of every epoch with recorded ones (tests/oracle), to 1e-5 relative.
usage: equal_losses.py DLC PROGRAM LOSSES"""
import json
import subprocess
import sys

dlc, program, recorded = sys.argv[1:]
expected = [float(line) for line in open(recorded)]
done = subprocess.run([dlc, "run", "--json", program], capture_output=True, text=True, timeout=600)
events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
found = [e["train"]["loss"] for e in events if e.get("event") == "epoch"]
print(f"expected {expected}\nfound    {found}\n{done.stderr}")
close = len(found) == len(expected) and all(abs(a - b) <= 1e-5 * abs(b) for a, b in zip(found, expected))
sys.exit(0 if done.returncode == 0 and close else 1)
