#!/usr/bin/env python3
"""The numbers in tests/models/record_training.dlm, computed apart from the compiler: JAX in float64, the optimizers and
the clipping written out.  usage: record_training.py
Needs jax; the tests need only the numbers that it prints."""
import jax
import jax.numpy as np

jax.config.update("jax_enable_x64", True)


def pattern(*shape):
    i = np.arange(int(np.prod(np.array(shape))))
    return (((i * 37 + 11) % 101) / 101 - 0.5).reshape(shape)


def fresh():
    return {"body.w": pattern(3, 5), "body.b": np.zeros(5), "head.w": pattern(5, 2), "head.b": np.zeros(2)}


def net(p, x):
    return np.tanh(x @ p["body.w"] + p["body.b"]) @ p["head.w"] + p["head.b"]


x, y = 2 * pattern(8, 3), 2 * pattern(8, 2)[::-1]


def loss(p):
    return np.mean((net(p, x) - y) ** 2)


def clip(g, limit):
    norm = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
    return {k: v * np.minimum(1, limit / (norm + 1e-6)) for k, v in g.items()}


def adam(p, g, m, v, t, lr):
    for k in g:
        m[k] = 0.9 * m.get(k, 0) + 0.1 * g[k]
        v[k] = 0.999 * v.get(k, 0) + 0.001 * g[k] ** 2
        p[k] = p[k] - lr * (m[k] / (1 - 0.9 ** t)) / (np.sqrt(v[k] / (1 - 0.999 ** t)) + 1e-8)


def clipped():
    p, m, v = fresh(), {}, {}
    for t in range(1, 6):
        adam(p, clip(jax.grad(loss)(p), 0.05), m, v, t, 0.01)
    return p


def grouped():
    p, m, v = fresh(), {}, {}
    for t in range(1, 4):
        g = jax.grad(loss)(p)
        for k in ("body.b", "head.b"):
            p[k] = p[k] - 0.2 * g[k]
        p["body.w"] = p["body.w"] - 0.1 * (g["body.w"] + 0.01 * p["body.w"])
        adam(p, clip({"head.w": g["head.w"]}, 0.02), m, v, t, 0.01)
    return p


def second(p):  # the loss after one step on other data
    g = jax.grad(lambda q: np.mean((net(q, x[:4]) - y[:4]) ** 2))(p)
    fast = {k: p[k] - 0.5 * g[k] for k in p}
    return np.mean((net(fast, x[4:]) - y[4:]) ** 2)


def learned_to_learn():
    p = fresh()
    for _ in range(3):
        g = jax.grad(second)(p)
        p = {k: p[k] - 0.2 * g[k] for k in p}
    return p


def smooth(p):  # a penalty on the gradient itself
    return loss(p) + 0.1 * sum(np.sum(v ** 2) for v in jax.grad(loss)(p).values())


def averaged():
    p, mean = fresh(), fresh()
    for _ in range(3):
        g = jax.grad(smooth)(p)
        p = {k: p[k] - 0.1 * g[k] for k in p}
        mean = {k: mean[k] + 0.25 * (p[k] - mean[k]) for k in p}
    return mean


for name, p in (("clipped", clipped()), ("grouped", grouped()), ("learned", learned_to_learn()), ("averaged", averaged())):
    flat = np.concatenate([p[k].reshape(-1) for k in ("body.w", "body.b", "head.w", "head.b")])
    print(f"{name}: [{', '.join(f'{float(v):.8f}' for v in flat)}]")
