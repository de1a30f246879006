#!/usr/bin/env python3
"""The code blocks of the documents are real: every block marked `dlm` passes `dlc check`, every block marked
`dlm error` gives an error, and the commands of the README exist.  usage: check_docs.py DLC ROOT"""
import pathlib
import re
import subprocess
import sys
import tempfile

dlc, root = sys.argv[1], pathlib.Path(sys.argv[2])
failures = blocks = 0


def run(*arguments):
    return subprocess.run([dlc, *arguments], capture_output=True, text=True, timeout=60)


def fail(message):
    global failures
    failures += 1
    print(message)


with tempfile.TemporaryDirectory() as folder:
    for document in [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]:
        text = document.read_text(encoding="utf-8")
        for match in re.finditer(r"^```dlm( error)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            blocks += 1
            line = text.count("\n", 0, match.start()) + 1
            path = pathlib.Path(folder) / f"block{blocks}.dlm"
            path.write_text(match.group(2), encoding="utf-8")
            done = run("check", str(path))
            if (done.returncode != 0) != bool(match.group(1)):
                fail(f"{document.name}:{line}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
for command in sorted(set(re.findall(r"^build/dlc (\w+)", (root / "README.md").read_text(), re.MULTILINE))):
    if run(command, "--help").returncode != 0:
        fail(f"README.md: there is no command dlc {command}")
for path in sorted((root / "models").glob("*.dlm")):
    if run("fmt", "--check", str(path)).returncode != 0:
        fail(f"{path.name} is not in the canonical form")
print(f"{blocks} blocks, {failures} failures")
sys.exit(1 if failures or not blocks else 0)
