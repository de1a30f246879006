"""The measured figures as tables of Markdown."""
import statistics

BUSY = 0.25  # processors kept busy by others from which on a figure is marked


class Times:
    """Everything measured of one row with one number of threads by one program; `clock` is step_ms or cpu_ms."""

    def __init__(self, clock="step_ms"):
        self.clock = clock
        self.ms, self.firsts, self.rss, self.busy, self.seconds = [], [], 0.0, 0.0, 0.0
        self.variant = ""

    def add(self, figures, busy, seconds):
        self.ms += figures[self.clock]
        self.firsts.append(figures["first_seconds"])
        self.rss = max(figures["rss_mb"], self.rss)
        self.variant = figures.get("variant", "")
        self.busy += busy
        self.seconds += seconds

    def median(self):
        return statistics.median(self.ms)

    def is_disturbed(self):
        return self.busy / self.seconds > BUSY

    def as_json(self):
        return {"median_ms": self.median(), "min_ms": min(self.ms), "groups": len(self.ms), "first_seconds": self.firsts,
                "rss_mb": self.rss, "others_busy": round(self.busy / self.seconds, 2), "variant": self.variant}


def number(ms):
    return f"{ms:.4f}" if ms < 0.1 else f"{ms:.3f}" if ms < 1 else f"{ms:.2f}" if ms < 100 else f"{ms:.0f}"


def cell(times):
    if times is None:
        return "-"
    return f"{number(times.median())} ({number(min(times.ms))}){' ~' if times.is_disturbed() else ''}"


def share(row, times, limit):
    """What the best time reaches, and its part of the machine's limit."""
    if times is None or not (row.flops or row.bytes):
        return "-", "-"
    best = min(times.ms) * 1e-3
    if row.flops:
        rate = row.flops / best * 1e-9
        return f"{rate:.1f} GFLOP/s", f"{100 * rate / limit['fma_gflops'][0]:.0f} %"
    rate = row.bytes / best * 1e-9
    return f"{rate:.1f} GB/s", f"{100 * rate / limit['triad_gbs'][0]:.0f} %"


def ratio(own, peers):
    """Best peer by dlc, of medians and (minima): above 1 where dlc is faster."""
    peers = [p for p in peers if p is not None]
    if own is None or not peers:
        return "-"
    return f"{min(p.median() for p in peers) / own.median():.2f} ({min(min(p.ms) for p in peers) / min(own.ms):.2f})"


def lines_of(head, body):
    """A table: words to the left, figures to the right."""
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for line in body:
        yield "| " + " | ".join(line) + " |"


def times_table(rows, threads, peers, results, limits):
    body = []
    for row in rows:
        for count in threads:
            own = results.get((row.name, count, "dlc"))
            others = [results.get((row.name, count, peer)) for peer in peers]
            rate, part = share(row, own, limits[count])
            body.append([row.name, str(count), cell(own), rate, part, *[cell(o) for o in others],
                         *([ratio(own, others)] if peers else [])])
    head = ["row", "threads", "dlc, ms", "rate", "of the limit", *[f"{peer}, ms" for peer in peers]]
    return "\n".join(lines_of(head + ["best peer : dlc"] * bool(peers), body))


def first_table(rows, threads, peers, results):
    """Time to the first step and memory.  Only dlc keeps its code from one process to the next."""
    def seconds(times):
        return "-" if times is None else f"{min(times.firsts):.2f}"

    def memory(times):
        return "-" if times is None else f"{times.rss:.0f}"
    body = []
    for row in rows:
        for count in threads:
            own, *found = [results.get((row.name, count, who)) for who in ("dlc", *peers)]
            again = f"{min(own.firsts[1:]):.2f}" if own and own.firsts[1:] else "-"
            body.append([row.name, str(count), f"{own.firsts[0]:.2f}" if own else "-", again, *[seconds(t) for t in found],
                         *[memory(t) for t in (own, *found)]])
    head = ["row", "threads", "dlc, s", "again, s", *[f"{peer}, s" for peer in peers], *[f"{who}, MB" for who in ("dlc", *peers)]]
    return "\n".join(lines_of(head, body))


def limits_table(limits):
    def text(pair):
        return f"{pair[0]:.4g} ({pair[1]:.4g})"
    body = [[str(count), text(limit["fma_gflops"]), text(limit["triad_gbs"])] for count, limit in limits.items()]
    return "\n".join(lines_of(["threads", "fma, GFLOP/s: best (median)", "triad, GB/s: best (median)"], body))
