"""The random numbers of a program, drawn apart from the compiler: written from docs/numerics.md and stdlib/init.dlm,
with numpy.  A draw is named by the path of its call, as "Net.dense_1.w.glorot#1.uniform#1uniform01#1"."""
import numpy as np

WORD = 0xFFFFFFFF


def site(path):
    """The hash of a stable path: FNV-1a of 32 bits (Fowler, Noll and Vo)."""
    value = 2166136261
    for byte in path.encode():
        value = ((value ^ byte) * 16777619) & WORD
    return value


def philox(key, counter):
    """Philox 4x32-10 (Salmon et al. 2011): four arrays of words from two words and four arrays of words."""
    k0, k1 = key
    c = [np.asarray(word, np.uint64) for word in counter]
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & np.uint64(WORD),
             (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & np.uint64(WORD)]
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c


def words(path, shape, seed=0, step=0, example0=0, iteration=0):
    columns = shape[-1] if shape else 1
    rows = int(np.prod(shape[:-1], dtype=np.int64)) if shape else 1
    first = example0 * (int(np.prod(shape[1:-1], dtype=np.int64)) if len(shape) > 1 else 1)
    column = np.arange(columns, dtype=np.uint64)
    row = np.arange(rows, dtype=np.uint64) + np.uint64(first if len(shape) > 1 else 0)
    if len(shape) == 1:
        column = column + np.uint64(example0)
    key = (seed & WORD) ^ site(path), (seed >> 32) & WORD
    row, column = np.meshgrid(row, column, indexing="ij")
    full = np.full_like(row, 1)
    blocks = philox(key, [column >> np.uint64(2), row, full * np.uint64(step), full * np.uint64(iteration)])
    return np.choose((column & np.uint64(3)).astype(int), blocks).reshape(shape)


def uniform01(path, shape, **where):
    return (words(path, shape, **where) >> np.uint64(8)).astype(np.float64) * 2.0**-24


def randint(path, bound, shape, **where):
    return ((words(path, shape, **where) * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)


def uniform(path, shape, low=0.0, high=1.0, **where):
    return low + (high - low) * uniform01(path + ".uniform#1uniform01#1", shape, **where)


def normal(path, shape, mean=0.0, std=1.0, name="normal#1", **where):
    """Box and Muller (1958), as stdlib/init.dlm writes it."""
    at = f"{path}.{name}"
    radius = np.sqrt(-2 * np.log1p(-uniform01(at + "uniform01#1", shape, **where)))
    return mean + std * radius * np.cos(2 * np.pi * uniform01(at + "uniform01#2", shape, **where))


def glorot(path, shape):
    inputs = np.prod(shape[:-1]) if len(shape) > 1 else shape[0]
    limit = np.sqrt(6 / (inputs + shape[-1]))
    return uniform(path + ".glorot#1", shape, -limit, limit)


def kernels(path, shape):
    limit = np.sqrt(1 / np.prod(shape[1:]))
    return uniform(path + ".kernels#1", shape, -limit, limit)
