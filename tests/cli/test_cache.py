"""The way to the first step: compiled kernels that are kept from run to run (what --kernels says of it, where they lie,
every way to be without), and --timings."""
import concurrent.futures
import json
import os
import re
import shutil
import stat

from support import DONE, FOLDER, USE, CommandLine, dlc, main

MODEL = """model Net(x: f32[B, 8, 8]) -> f32[B, 10] {{ x |> flatten |> Dense[{width}] |> relu |> Dense[10] }}
train Net on digits.train {{
  batch = 32; steps = 3; seed = 1
  step (image, label) {{ minimize mean(cross_entropy(Net(image / 16), label)) using adam[lr=3e-3] }}
}}
"""
RESIDUAL = """model Net(x: f32[B, 16]) -> f32[B, 4] {{
  var h = x |> Dense[16] |> relu
  repeat i in 0..{blocks} {{ h = h + (h |> LayerNorm |> Dense[16] |> relu) }}
  h |> Dense[4]
}}
data d {{ x: f32[16] from normal[64, 16] }}
train Net on d {{
  batch = 8; steps = 2; seed = 1
  step (x) {{ minimize mean(Net(x)**2) using adam[lr=1e-3] }}
}}
"""


class Cache(CommandLine):
    def setUp(self):
        self.folder = FOLDER / self._testMethodName
        self.model = self.write("m.dlm", MODEL.format(width=16))

    def run_model(self, *options, settings=None, command="run", model=None):
        """The digest of the weights, then kernels different, of an earlier step, from the cache, compiled."""
        settings = {"DLC_CACHE_DIR": str(self.folder), **(settings or {})}
        result = self.expect(DONE, command, model or self.model, "--digest", "--kernels", *options, settings=settings)
        counts = [0, 0, 0, 0]
        for line in re.findall(r"^ code: .*", result.stdout, re.M):
            for i, words in enumerate(("different", "of an earlier step", "from the cache", "compiled")):
                counts[i] += sum(map(int, re.findall(rf"(\d+) {words}", line)))
        self.assertEqual(counts[0], sum(counts[1:]))
        return re.search(r"^digest (\w+)$", result.stdout, re.M)[1], counts

    def objects(self):
        return sorted(p for p in (self.folder / "objects").iterdir() if len(p.name) == 64)

    def test_second_run(self):
        first, counts = self.run_model()
        self.assertGreater(counts[3], 5)
        self.assertEqual(counts[2], 0)
        again, warm = self.run_model("--threads", "1")
        self.assertEqual((again, warm), (first, [counts[0], counts[1], counts[3], 0]))
        self.assertEqual(self.run_model("--interp")[0], first)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)
        self.assertEqual({stat.S_IMODE(p.stat().st_mode) for p in self.objects()}, {0o600})

    def test_test_uses_it_too(self):
        self.run_model()
        self.assertEqual(self.run_model(command="test")[1][3], 0)

    def test_only_what_changed_is_compiled(self):
        _, counts = self.run_model()
        _, other = self.run_model(model=self.write("n.dlm", MODEL.format(width=24)))
        self.assertGreater(other[2], 0)
        self.assertGreater(other[3], 0)
        renamed = self.write("r.dlm", MODEL.format(width=16).replace("Net", "Other"))
        self.assertEqual(self.run_model(model=renamed)[1][3], 0)  # names do not count

    def test_equal_layers_are_compiled_once(self):
        _, few = self.run_model(model=self.write("few.dlm", RESIDUAL.format(blocks=10)))
        _, many = self.run_model(model=self.write("many.dlm", RESIDUAL.format(blocks=30)))
        self.assertLess(many[0], few[0] + 5)
        self.assertLess(many[3], few[3])  # most came from the smaller one
        self.assertLess(max(p.stat().st_size for p in self.objects()), 80000)  # none grows with the depth

    def test_no_cache(self):
        digest, counts = self.run_model("--no-cache")
        self.assertFalse(self.folder.exists())
        self.assertEqual(self.run_model(), (digest, counts))
        self.assertEqual(self.run_model("--no-cache"), (digest, counts))
        before = [p.stat().st_mtime_ns for p in self.objects()]
        self.assertEqual(self.run_model("--no-cache"), (digest, counts))
        self.assertEqual([p.stat().st_mtime_ns for p in self.objects()], before)

    def test_other_schedules_and_passes(self):
        digest, _ = self.run_model()
        for options in (["--schedule", "scalar"], ["--disable-pass", "fuse"]):
            for _ in range(2):
                self.assertEqual(self.run_model(*options)[0], digest)

    def test_damage(self):
        digest, counts = self.run_model()
        for at in (0, 8, 12, 16, 48, 56, -1):
            for path in self.objects():
                data = bytearray(path.read_bytes())
                data[at] ^= 1
                path.write_bytes(data)
            self.assertEqual(self.run_model(), (digest, counts))  # none of them was loaded
        for path in self.objects():
            path.write_bytes(path.read_bytes()[:-1])
        self.assertEqual(self.run_model(), (digest, counts))
        one, *_, last = self.objects()
        shutil.copyfile(one, last)  # a good file under the name of another
        again, warm = self.run_model()
        self.assertEqual((again, warm[3]), (digest, 1))

    def test_unusable_folders(self):
        digest, counts = self.run_model("--no-cache")
        file = self.write("file", "x")
        for folder in (file, file / "below", "/proc/nowhere", "/dev/null"):
            self.assertEqual(self.run_model(settings={"DLC_CACHE_DIR": str(folder)}), (digest, counts))
        if os.geteuid() != 0:
            self.folder.mkdir(0o500)
            self.assertEqual(self.run_model(), (digest, counts))

    def test_where_it_is(self):
        nothing = {"DLC_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": ""}
        digest, counts = self.run_model(settings=nothing)
        self.assertEqual(self.run_model(settings=nothing), (digest, counts))
        home = FOLDER / "home"
        self.run_model(settings={**nothing, "HOME": str(home)})
        self.assertTrue((home / ".cache/dlc/objects").is_dir())
        self.run_model(settings={**nothing, "HOME": str(home), "XDG_CACHE_HOME": str(home / "all")})
        self.assertTrue((home / "all/dlc/objects").is_dir())
        self.assertEqual(self.run_model(settings={**nothing, "HOME": str(home), "XDG_CACHE_HOME": "relative"})[1][3], 0)

    def test_limit(self):
        digest, counts = self.run_model(settings={"DLC_CACHE_MIB": "0"})
        self.assertFalse(self.folder.exists())
        self.assertEqual(self.run_model(settings={"DLC_CACHE_MIB": "1"}), (digest, counts))
        for width in range(17, 40, 2):
            model = self.write("w.dlm", MODEL.format(width=width))
            dlc("run", model, settings={"DLC_CACHE_DIR": str(self.folder), "DLC_CACHE_MIB": "1"})
            self.assertLessEqual(sum(p.stat().st_size for p in self.objects()), 1 << 20)
        for wrong in ("-1", "many", "1 ", "1.5", "1048577", "99999999999999999999"):
            self.expect(USE, "run", self.model, settings={"DLC_CACHE_MIB": wrong}, err=f"DLC_CACHE_MIB in the environment "
                        f"is a number from 0 to 1048576, not `{wrong}`")

    def test_many_at_once(self):
        digest, counts = self.run_model("--no-cache")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for got, _ in pool.map(lambda _: self.run_model(), range(16)):
                self.assertEqual(got, digest)
        self.assertEqual(self.run_model(), (digest, [counts[0], counts[1], counts[3], 0]))
        self.assertEqual([p.name for p in (self.folder / "objects").glob("new-*")], [])

    def test_timings(self):
        parts = ["check", "build", "plan", "jit", "load", "compile", "data", "weights", "step", "other"]
        result = self.expect(DONE, "run", self.model, "--timings", "--quiet")
        lines = result.stdout.splitlines()
        self.assertIn("until the end of the first step", lines[0])
        self.assertEqual([line.split()[0] for line in lines[1:]], parts)
        for command, options in (("run", []), ("test", []), ("run", ["--no-cache"]), ("run", ["--interp"])):
            result = self.expect(DONE, command, self.model, "--timings", "--json", *options)
            events = [json.loads(line) for line in result.stdout.splitlines()]
            timings = [e for e in events if e["event"] == "timings"]
            self.assertEqual(len(timings), 1)
            self.assertEqual(list(timings[0]), ["event", "total", *parts])
            self.assertAlmostEqual(sum(timings[0][p] for p in parts), timings[0]["total"], places=6)
            for part in ("check", "build", "plan", "data", "weights", "step", "other"):
                self.assertGreater(timings[0][part], 0, part)
            for part in ("load",) if options != ["--interp"] else ():
                self.assertGreater(timings[0][part], 0, part)
        self.expect(USE, "check", self.model, "--timings", err="has no option --timings")

    def test_timings_without_a_step(self):
        result = self.expect(DONE, "run", self.write("p.dlm", "print(1 + 1)\n"), "--timings", "--json")
        timings = json.loads(result.stdout.splitlines()[-1])
        self.assertEqual((timings["step"], timings["data"], timings["jit"]), (0, 0, 0))
        self.assertGreater(timings["check"], 0)
        bad = self.write("bad.dlm", "let x = ones[2] + ones[3]\n")
        self.assertNotIn("until the end", dlc("run", bad, "--timings").stdout)  # nothing ran

    def test_help(self):
        for command in ("run", "test"):
            self.expect(DONE, command, "--help", out="--no-cache")
        self.expect(DONE, "run", "--help", out="$DLC_CACHE_DIR")
        self.expect(USE, "emit", self.model, "--c", "--no-cache", err="has no option --no-cache")


main()
