#!/usr/bin/env python3
"""Whoever wants a layer that differs a little copies the library's into the program, under a name of their own, and
changes a line.  usage: copy_library.py DLC STDLIB"""
import pathlib
import re
import subprocess
import sys
import tempfile

# declaration, its name in the program, the line that changes, what must then hold
COPIES = [
    ("Dense", "Shifted", "param b: f32[Out] ~ zeros", "param b: f32[Out] ~ ones",
     "let net = Shifted[2]\nlet old = Dense[2]",
     "assert_close(net(zeros[3, 4]), ones[3, 2], 0)\n  assert_close(old(zeros[3, 4]), zeros[3, 2], 0)"),
    ("LayerNorm", "Centred", "d * (1 / sqrt(mean[-1, keep=true](d**2) + eps)) * gamma + beta", "d * gamma + beta",
     "let net = Centred", "assert_close(net([[1.0, 2, 6]]), [[-2.0, -1, 3]], 1e-6)"),
    ("RMSNorm", "MaxNorm", "x * (1 / sqrt(mean[-1, keep=true](x**2) + eps)) * gamma",
     "x / (max[-1, keep=true](abs(x)) + eps) * gamma",
     "let net = MaxNorm", "assert_close(net([[1.0, -4, 2]]), [[0.25, -1, 0.5]], 1e-5)"),
    ("BatchNorm", "SlowNorm", "mean = lerp(mean, detach(m), momentum)", "mean = lerp(mean, detach(m), momentum / 10)",
     "let net = SlowNorm\nstep see(x: f32[2, 1]) -> f32[2, 1] { net(x) }\nsee([[1.0], [3]])",
     "assert_close(net.mean, [0.02], 1e-6)"),
    ("GroupNorm", "PlainGroups", "reshape[B, C, ..S](y) * gamma[_, new..S] + beta[_, new..S]",
     "reshape[B, C, ..S](y) * gamma[_, new..S] + beta[_, new..S] + 1",
     "let net = PlainGroups[2]", "assert_close(mean(net(reshape[1, 4, 2](iota[8]))), 1, 1e-5)"),
    ("Embedding", "Halves", "param w: f32[V, E] ~ normal", "param w: f32[V, E] ~ full(0.5)",
     "let net = Halves[3]\nlet ids = randint[7, 2]", "assert_close(net(ids), full[2, 3](0.5), 0)"),
    ("Conv2d", "Sums", "param w: f32[Out, In / groups, kernel, width] ~ kernels",
     "param w: f32[Out, In / groups, kernel, width] ~ ones",
     "let net = Sums[1, kernel=2]", "assert_close(net(ones[1, 3, 2, 2]), full[1, 1, 1, 1](12), 1e-6)"),
    ("gelu", "quick", "0.5 * x * (1 + erf(x / sqrt(2)))", "x * sigmoid(1.702 * x)",
     "", "assert_close(quick([0.0, 1, -1]), gelu([0.0, 1, -1]), 0.02)"),
    ("huber", "soft", "where(d < delta, 0.5 * d**2, delta * (d - 0.5 * delta))", "sqrt(d**2 + delta**2) - delta",
     "", "assert_close(soft([3.0], [-1.0]), [sqrt(17) - 1], 1e-6)"),
    ("sgd", "signs", "p = p - lr * v", "p = p - lr * sign(v)",
     "model Line(x: f32[_, 1]) { x |> Dense[1, bias=false] as out }\nlet before = Line.out.w\n"
     "step learn(x: f32[2, 1]) { minimize mean((Line(x) - 9)**2) using signs[lr=0.5] }\nlearn(ones[2, 1])",
     "assert_close(Line.out.w, before + 0.5, 1e-6)"),
]


def declaration(library, name):
    head = rf"^(?:fn|layer|optimizer) {name}\b"
    found = re.search(head + r".*\}$", library, re.M) or re.search(head + r".*?^\}$", library, re.M | re.S)
    assert found, f"no declaration of {name}"
    return found.group(0)


def main(dlc, stdlib):
    library = "\n".join(path.read_text() for path in sorted(pathlib.Path(stdlib).glob("*.dlm")))
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, own, old, new, program, holds in COPIES:
            text = declaration(library, name)
            assert text.count(old) >= 1, f"{name} has no line {old}"
            at = text.rindex(old)
            text = text[:at] + new + text[at + len(old):]
            text = re.sub(rf"\b{name}\b", own, text, count=1)
            path = pathlib.Path(folder) / "copy.dlm"
            path.write_text(f'{text}\n\n{program}\n\ntest "{own}" {{\n  {holds}\n}}\n')
            run = subprocess.run([dlc, "test", path, "--interp"], capture_output=True, text=True, timeout=300)
            if run.returncode:
                bad += 1
                print(f"{name} as {own}:\n{path.read_text()}\n{run.stdout}{run.stderr}")
    print(f"{len(COPIES)} copies, {bad} fail")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
