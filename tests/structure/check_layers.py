#!/usr/bin/env python3
"""The include rules of the folders, read from the sources: who may include whom.

A file may include headers of its own folder and of those listed for it; the generated parser counts as lang.
Exit code 1 and one line per broken rule."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
ALLOWED = {
    "base": [],
    "lang": ["base/"],
    "compiler": ["base/"],
    "jit": ["base/", "compiler/loop"],
    "runtime": ["base/abi.h", "base/dtype.h", "base/memory.h"],
    "driver": ["base/", "lang/", "compiler/", "jit/jit.h", "runtime/"],
}
# build is the one place that sees both the language and the compiler
EXCEPTIONS = [(re.compile(r"compiler/build\w*\.[ch]"), ["lang/"])]
LLVM = re.compile(r'#\s*include\s*[<"]llvm-c/')
INCLUDE = re.compile(r'#\s*include\s*"([^"]+)"')

problems = []
for folder, allowed in ALLOWED.items():
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in (".c", ".h", ".l", ".y", ".def"):
            continue
        name = path.relative_to(root).as_posix()
        extra = [prefix for pattern, prefixes in EXCEPTIONS if pattern.fullmatch(name) for prefix in prefixes]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if LLVM.match(line) and folder != "jit":
                problems.append(f"{name}:{number}: only jit/ includes llvm-c")
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match.group(1)
            if not any(header.startswith(prefix) for prefix in [folder + "/", *allowed, *extra]):
                problems.append(f"{name}:{number}: {folder}/ may not include {header}")
for problem in problems:
    print(problem)
print(f"{len(problems)} broken include rules")
sys.exit(1 if problems else 0)
