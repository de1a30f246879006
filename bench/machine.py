"""The machine that is measured on: its limits, its description, what else it is doing."""
import json
import os
import platform
import resource
import subprocess

LONGEST = 600  # seconds that a process may take


def processors(threads):
    """The processors that a run of so many threads is bound to: the first that this process may use."""
    return sorted(os.sched_getaffinity(0))[:threads]


def bound_run(command, threads, env=None, timeout=LONGEST):
    """Runs a command on that many processors."""
    places = processors(threads)
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env,
                          preexec_fn=lambda: os.sched_setaffinity(0, places))


def limits(build, threads, clock, known=None):
    """{"fma_gflops": [best, median], "triad_gbs": [best, median]}: the better of this measurement and what was known."""
    done = bound_run([build / "bench/limits", str(threads), *(["cpu"] if clock == "cpu" else [])], threads)
    if done.returncode:
        raise SystemExit(f"limits failed: {done.stderr}")
    found = {name: pair for name, pair in json.loads(done.stdout).items() if name != "threads"}
    return {name: [max(pair) for pair in zip(pair, known[name] if known else pair)] for name, pair in found.items()}


def facts():
    """What the system says of a processor."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return dict(tuple(part.strip() for part in line.split(":", 1)) for line in file if ":" in line)


def name():
    known = facts()
    model = platform.machine()
    if "model name" in known:
        model = f"{known['model name']} (family {known.get('cpu family')}, model {known.get('model')})"
    return f"{model}, {os.cpu_count()} processors, Linux {platform.release().split('-')[0]}"


class Load:
    """How many processors other processes kept busy since this was made."""

    def __init__(self):
        self.others, self.own = self._busy(), self._own()
        self.begin = os.times().elapsed

    @staticmethod
    def _busy():
        with open("/proc/stat", encoding="utf-8") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _own():
        return sum(usage.ru_utime + usage.ru_stime for usage in
                   (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))

    def by_others(self):
        """(seconds of processors, seconds)"""
        busy = (self._busy() - self.others) - (self._own() - self.own)
        return max(busy, 0.0), os.times().elapsed - self.begin
