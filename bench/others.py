"""The other programs that are timed: where they are, and with which settings they are at their best."""
import os
import pathlib
import subprocess

import machine

HERE = pathlib.Path(__file__).resolve().parent
KNOWN = ["torch", "jax"]


def folder():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("DLC_PEERS") or cache / "dlc-peers")


def versions():
    """Of those that are installed, by name."""
    python = folder() / "bin/python"
    if not python.exists():
        return {}
    code = ("import importlib.metadata as m\n"
            f"for name in {KNOWN}:\n"
            "    try: print(name, m.version(name))\n"
            "    except m.PackageNotFoundError: pass\n")
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return dict(line.split() for line in done.stdout.splitlines())


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


def run(peer, row, threads, seconds):
    command = [folder() / "bin/python", HERE / "peers/time_steps.py", peer, row.name, str(threads), str(seconds)]
    return machine.bound_run(command, threads, environment(peer, threads))
