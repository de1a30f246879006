#!/usr/bin/env python3
"""Trains a program on data files and compares the accuracy of its last validation with what it must reach.
usage: accuracy.py DLC PROGRAM FOLDER LEAST      FOLDER is where the data lies below $DLC_DATA
Exit code 77 (skipped) where the data is not there."""
import json
import os
import pathlib
import subprocess
import sys

dlc, program, folder, least = sys.argv[1:]
data = os.environ.get("DLC_DATA")
if not data or not (pathlib.Path(data) / folder).is_dir():
    print(f"skipped: set DLC_DATA to a folder that holds {folder}/")
    sys.exit(77)
done = subprocess.run([dlc, "run", program, "--json"], capture_output=True, text=True, timeout=600)
print(done.stdout[-2000:], done.stderr[-2000:])
lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
figures = [line["validation"]["accuracy"] for line in lines if "validation" in line]
if done.returncode or not figures:
    sys.exit(1)
print(f"accuracy {figures[-1]}, at least {least} is wanted")
sys.exit(0 if figures[-1] >= float(least) else 1)
