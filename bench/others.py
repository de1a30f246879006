"""The other programs that are timed: where they are, and with which settings they are at their best."""
import json
import os
import pathlib
import statistics
import subprocess

import machine

HERE = pathlib.Path(__file__).resolve().parent
KNOWN = {"openblas": ("product",), "torch": ("step", "product", "convolution", "pass"), "jax": ("step",)}  # what it can be asked


def can(peer, row):
    return any(kind in row.asked for kind in KNOWN[peer])


def folder():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("DLC_PEERS") or cache / "dlc-peers")


def versions(build):
    """Of those that are there, by name."""
    openblas = {"openblas": ""} if (build / "bench/openblas").exists() else {}
    python = folder() / "bin/python"
    if not python.exists():
        return openblas
    code = ("import importlib.metadata as m\n"
            "for name in ('torch', 'jax'):\n"
            "    try: print(name, m.version(name))\n"
            "    except m.PackageNotFoundError: pass\n")
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return openblas | dict(line.split() for line in done.stdout.splitlines())


def environment(peer, threads):
    env = dict(os.environ, CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu", PYTHONDONTWRITEBYTECODE="1", PYTHONWARNINGS="ignore")
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        env[name] = str(threads)
    # freed memory stays in the process, in large pages: no page faults once the first step is done
    env["GLIBC_TUNABLES"] = ":".join(f"glibc.malloc.{setting}" for setting in (
        "mmap_max=0", f"trim_threshold={1 << 34}", f"top_pad={1 << 28}", "hugetlb=1"))
    products = folder() / "mkl_by_features.so"
    if peer == "torch" and products.exists():
        env["LD_PRELOAD"] = str(products)
    if peer == "jax" and threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return env


def openblas_kernels():
    """The sets of kernels that compete: what the library chooses, and those for 16 lanes, which it does not choose on
    processors that are younger than itself."""
    return [None, "SkylakeX"] if "avx512f" in machine.facts().get("flags", "").split() else [None]


def run_openblas(build, row, threads, seconds):
    p, runs = row.asked["product"], []
    sizes = [int(p[name]) for name in ("m", "n", "k", "turned_a", "turned_b", "batch")]
    command = [str(word) for word in (build / "bench/openblas", threads, seconds, *sizes)]
    for kernels in openblas_kernels():
        env = environment("openblas", threads) | ({"OPENBLAS_CORETYPE": kernels} if kernels else {})
        runs.append(machine.bound_run(command, threads, env))
    failed = [done for done in runs if done.returncode]
    return failed[0] if failed else min(runs, key=lambda done: statistics.median(json.loads(done.stdout)["step_ms"]))


def run(build, peer, row, threads, seconds):
    """Its standard output is the JSON object of `steps`."""
    if peer == "openblas":
        return run_openblas(build, row, threads, seconds)
    command = [folder() / "bin/python", HERE / "peers/time_steps.py", peer, json.dumps(row.asked), threads, seconds]
    return machine.bound_run([str(word) for word in command], threads, environment(peer, threads))
