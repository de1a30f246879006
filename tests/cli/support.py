"""What the suites of the command line share."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

DLC = os.path.abspath(sys.argv[1])
SOURCES = pathlib.Path(sys.argv[2]).resolve()
DONE, ERRORS, USE, FILES, INTERRUPTED = 0, 1, 2, 3, 130
_folder = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(_folder.name)


def environment(more=None):
    settings = {k: v for k, v in os.environ.items() if k not in ("DLC_STDLIB", "NO_COLOR", "DLC_CACHE_MIB")}
    settings.setdefault("DLC_CACHE_DIR", str(FOLDER / "cache"))
    settings.update(more or {})
    return settings


def dlc(*arguments, stdin="", settings=None, **more):
    return subprocess.run([DLC, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          env=environment(settings), timeout=100, cwd=FOLDER, **more)


class CommandLine(unittest.TestCase):
    def expect(self, code, *arguments, err=None, out=None, **more):
        """Runs dlc; `err` and `out` are texts that must occur."""
        result = dlc(*arguments, **more)
        everything = f"{arguments}\n{result.stdout[:3000]}\n{result.stderr[:3000]}"
        self.assertEqual(result.returncode, code, everything)
        if err is not None:
            self.assertIn(err, result.stderr)
        if out is not None:
            self.assertIn(out, result.stdout)
        self.assertNotIn("internal error", result.stderr)
        self.assertNotIn("\033", result.stdout + result.stderr)  # no colours without a terminal
        return result

    def write(self, name, text):
        path = FOLDER / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


def main():
    unittest.main(argv=[sys.argv[0]], verbosity=1)
