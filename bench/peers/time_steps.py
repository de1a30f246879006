#!/usr/bin/env python3
"""Times what a peer is asked to do: time_steps.py PEER ASKED THREADS SECONDS, with the Python of its environment.

ASKED is a row's `asked` as JSON.  The best of the peer's variants counts.  Prints the JSON object of `steps`, with the
variant's name; the loss of a step only."""
import importlib
import json
import resource
import statistics
import sys
import time

MIN_GROUPS, MAX_GROUPS, WARM_STEPS = 7, 2000, 3
START = time.perf_counter()


def times(step, wait, seconds):
    """As steps.c takes them: warm-up, then groups of at least a millisecond, with one wait for a group.  Pairs of time and
    processor time."""
    now, begin, count = time.perf_counter, time.perf_counter(), 0
    while count < WARM_STEPS or now() - begin < min(0.4, seconds / 3):
        before = now()
        wait(step())
        last, count = now() - before, count + 1
        if count > 1 and now() - begin > seconds:
            break
    group, found, begin = int(1e-3 / last) + 1 if last < 1e-3 else 1, [], now()
    while True:
        before = now()
        spent = before - begin
        if len(found) == MAX_GROUPS or (len(found) >= MIN_GROUPS and spent > seconds) or (len(found) >= 3 and spent > 8 * seconds):
            return found
        cpu_before = time.process_time()
        for _ in range(group):
            result = step()
        wait(result)
        found.append((1e3 * (now() - before) / group, 1e3 * (time.process_time() - cpu_before) / group))


def prepared(peer, threads):
    """How to wait for a result, and the number that it is."""
    if peer == "torch":
        import torch
        torch.set_num_threads(threads)
        return (lambda result: None), (lambda loss: loss.item())
    import jax
    return jax.block_until_ready, float


def main():
    peer, asked, threads, seconds = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    wait, number = prepared(peer, threads)
    programs = importlib.import_module(f"{peer}_{'steps' if 'step' in asked else 'kernels'}")
    wanted = asked.get("step", asked)
    best = first = rss = None
    for variant in programs.variants(wanted):
        step = programs.build(wanted, variant)
        loss = step()
        wait(loss)
        first = first or time.perf_counter() - START
        rss = rss or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall, cpu = zip(*times(step, wait, seconds))
        if best is None or statistics.median(wall) < statistics.median(best["step_ms"]):
            best = {"variant": ", ".join(f"{key} {value}" for key, value in variant.items()), "step_ms": wall, "cpu_ms": cpu}
            if "step" in asked:
                best["loss"] = [number(loss), number(step())]
    print(json.dumps({"first_seconds": first, "rss_mb": rss, **best}))


if __name__ == "__main__":
    main()
