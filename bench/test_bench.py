#!/usr/bin/env python3
"""The benchmarks without their times: every row's program is the one that its figures are for, and the tools run.
usage: test_bench.py DLC BUILD"""
import ast
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import kernels  # noqa: E402
import rows  # noqa: E402
import table  # noqa: E402

DLC, BUILD = sys.argv[1], pathlib.Path(sys.argv[2])


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)


class Rows(unittest.TestCase):
    def test_programs_are_those_of_the_figures(self):
        for row in rows.STEPS:
            with self.subTest(row.name):
                done = run(DLC, "check", "--json", row.program, *row.options)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                objects = [json.loads(line) for line in done.stdout.splitlines()]
                steps = [o for o in objects if "step" in o]
                whole = next(o for o in objects if "weight_bytes" in o)
                self.assertEqual(len(steps), 1)
                self.assertEqual(steps[0].get("product_flops"), row.checked, steps)
                self.assertEqual(whole["parameters"], row.parameters)

    def test_kernels_are_those_of_the_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            for row in kernels.PRODUCTS + kernels.CONVOLUTIONS + kernels.PASSES:
                with self.subTest(row.name):
                    done = run(DLC, "check", "--json", row.file(folder))
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    steps = [o for o in map(json.loads, done.stdout.splitlines()) if "step" in o]
                    self.assertEqual([o.get("product_flops") for o in steps], [row.checked])

    def test_tables_of_deepbench(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/deepbench")
            pathlib.Path(folder, "deepbench/gemm.csv").write_text(
                "set,m,n,k,a_t,b_t\na,35,700,2048,false,false\nb,35,700,2048,false,false\na,512,16,512,true,false\n"
                "a,4096,7000,4096,false,false\n")
            pathlib.Path(folder, "deepbench/conv.csv").write_text(
                "set,w,h,c,n,k,s,r,pad_w,pad_h,wstride,hstride\na,24,16,3,8,64,7,5,3,3,2,2\na,24,16,3,8,64,7,5,3,2,2,2\n")
            before = os.environ.get("DLC_DATA")
            os.environ["DLC_DATA"] = folder
            found = kernels.deepbench()
            os.environ.pop("DLC_DATA") if before is None else os.environ.update(DLC_DATA=before)
            self.assertEqual([row.name for row in found], [
                "product_700x35x2048", "product_16x512x512_tb",  # each once, and none beyond the bound
                *[f"conv_n8c3h16w24k64r5s7_by2_pad3_{direction}" for direction in kernels.DIRECTIONS]])
            self.assertEqual(found[2].flops, 2 * 8 * 64 * 3 * 5 * 7 * 9 * 12)
            for row in found:
                done = run(DLC, "check", row.file(folder))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_programs_are_formatted(self):
        for path in sorted((HERE / "cases").glob("*.dlm")):
            self.assertEqual(run(DLC, "fmt", "--check", path).returncode, 0, path.name)

    def test_every_program_is_a_row(self):
        self.assertEqual({row.program for row in rows.STEPS}, set((HERE / "cases").glob("*.dlm")))

    def test_names_groups_and_patterns(self):
        names = [row.name for row in rows.all_rows()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([r.name for r in rows.chosen(["mlp", "gpt*"])[0]], ["mlp", "gpt", "gpt_mid"])
        self.assertEqual(rows.chosen(["steps"])[0], rows.STEPS)
        self.assertEqual(rows.chosen(["lenet", "lent"])[1], ["lent"])


class Peers(unittest.TestCase):
    def test_openblas(self):
        if not (BUILD / "bench/openblas").exists():
            self.skipTest("built with -DDLC_BENCH=ON")
        figures = json.loads(run(BUILD / "bench/openblas", 1, 0.01, 8, 9, 10, 0, 1, 2).stdout)
        self.assertGreaterEqual(len(figures["step_ms"]), 7)
        self.assertEqual(run(BUILD / "bench/openblas", 1, 0.01, 8, 9, 0, 0, 1, 2).returncode, 2)

    def test_every_step_is_there(self):
        for peer in ("torch", "jax"):
            tree = ast.parse((HERE / f"peers/{peer}_steps.py").read_text())
            builders = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "BUILDERS")
            self.assertEqual({key.value for key in builders.keys}, {row.name for row in rows.STEPS})


class Steps(unittest.TestCase):
    def test_a_block_is_timed(self):
        done = run(BUILD / "bench/steps", "0.01", HERE / "cases/digits_mlp.dlm", "--threads", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertGreaterEqual(len(figures["step_ms"]), 7)
        self.assertEqual(len(figures["cpu_ms"]), len(figures["step_ms"]))
        self.assertGreater(figures["loss"][0], figures["loss"][1])  # it trains

    def test_wrong_use_and_mistakes(self):
        self.assertEqual(run(BUILD / "bench/steps").returncode, 2)
        self.assertEqual(run(BUILD / "bench/steps", "0", HERE / "cases/mlp.dlm").returncode, 2)
        self.assertEqual(run(BUILD / "bench/steps", "0.01", HERE / "cases/gpt.dlm", "--depht", "1").returncode, 2)
        with tempfile.NamedTemporaryFile("w", suffix=".dlm") as file:
            file.write("let x = 1 + y\n")
            file.flush()
            done = run(BUILD / "bench/steps", "0.01", file.name)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("error[", done.stderr)

    def test_limits(self):
        figures = json.loads(run(BUILD / "bench/limits", "1").stdout)
        for best, median in (figures["fma_gflops"], figures["triad_gbs"]):
            self.assertGreaterEqual(best, median)
            self.assertGreater(median, 0)
        self.assertIn("fma_gflops", json.loads(run(BUILD / "bench/limits", "1", "cpu").stdout))
        for wrong in (["none"], [], ["1", "real"], ["1", "cpu", "2"]):
            self.assertEqual(run(BUILD / "bench/limits", *wrong).returncode, 2)


class Run(unittest.TestCase):
    def test_a_table_replaces_the_old_one(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("above\n<!-- bench/run table: begin -->\nold\n<!-- bench/run table: end -->\nbelow\n")
            done = run(HERE / "run", "--build", BUILD, "--cases", "digits_mlp", "--threads", "1", "--rounds", "1",
                       "--seconds", "0.01", "--peers", "none", "--out", page)
            self.assertEqual(done.returncode, 0, done.stderr)
            text = page.read_text()
            self.assertRegex(text, r"^above\n[^\0]*\| digits_mlp \| 1 \| [^\0]*below\n$")
            self.assertNotIn("old", text)

    def test_a_list_that_nobody_reads_to_its_end(self):
        with subprocess.Popen([HERE / "run", "--list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
            listing.stdout.close()
            self.assertEqual(listing.stderr.read(), "")

    def test_wrong_use(self):
        for wrong, says in ((["--cases", "lent"], "lent"), (["--threads", "0"], "--threads"), (["--build", "/nowhere"], "--build"),
                            (["--peers", "abacus"], "--peers"), (["--clock", "cpu"], "--threads 1")):
            done = run(HERE / "run", "--build", BUILD, *wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)


class Table(unittest.TestCase):
    def test_medians_minima_and_ratios(self):
        own, peer = table.Times(), table.Times()
        own.add({"step_ms": [2.0, 1.0, 9.0], "first_seconds": 1.0, "rss_mb": 10}, 0.1, 1.0)
        peer.add({"step_ms": [3.0], "first_seconds": 1.0, "rss_mb": 10}, 0.9, 1.0)
        self.assertEqual(table.cell(own), "2.00 (1.00)")
        self.assertEqual(table.cell(peer), "3.00 (3.00) ~")
        self.assertEqual(table.ratio(own, [peer, None]), "1.50 (3.00)")
        limit = {"fma_gflops": [100.0, 90.0], "triad_gbs": [10.0, 9.0]}
        self.assertEqual(table.share(rows.Row("r", "g", flops=50_000_000), own, limit), ("50.0 GFLOP/s", "50 %"))
        self.assertEqual(table.share(rows.Row("r", "g", moved=5_000_000), own, limit), ("5.0 GB/s", "50 %"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
