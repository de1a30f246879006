"""Figures for tests/models/tensor_figures.dlm: values and gradients of indexing, writing, einsum, reductions, order and
loops, by JAX, apart from the compiler.

usage: tensors.py > tests/models/tensor_figures.dlm     (needs JAX)
"""
import jax
import jax.numpy as jnp
import numpy

jax.config.update("jax_enable_x64", True)


def data(*shape):
    n = int(numpy.prod(shape))
    return numpy.round(numpy.sin(numpy.arange(n) * 1.7 + 0.3) * 2, 3).reshape(shape)


def literal(array):
    array = numpy.asarray(array)
    if array.ndim == 0:
        return repr(round(float(array), 6)) if array.dtype.kind == "f" else str(int(array))
    return "[" + ", ".join(literal(row) for row in array) + "]"


def scan(x):
    h, ys = jnp.zeros(x.shape[0]), []
    for t in range(x.shape[1]):
        h = jnp.tanh(x[:, t] + 0.5 * h)
        ys.append(h)
    return jnp.stack(ys, 1)


def from_the_end(x):
    h, ys = jnp.zeros(x.shape[0]), []
    for t in reversed(range(x.shape[1])):
        h = x[:, t] * 2 + 0.9 * h
        ys.insert(0, h)
    return jnp.stack(ys, 1)


I = numpy.array([2, 0, 2])
K = numpy.array([1, 4, 1])
SCAN = "{ var h = zeros[%d]; for xt in x along 1%s { h = %s; yield h } }"

# name, shape of x, the expression or body in the language, the function
CASES = [
    ("cumsum", (3, 5), "cumsum(x)", lambda x: jnp.cumsum(x, -1)),
    ("cumsum of the first axis", (5, 3), "cumsum[0](x)", lambda x: jnp.cumsum(x, 0)),
    ("cumsum of one", (4, 1), "cumsum(x)", lambda x: jnp.cumsum(x, -1)),
    ("sort", (3, 7), "sort(x)", lambda x: jnp.sort(x, -1)),
    ("sort of the first axis, down", (7, 3), "sort[0, descending=true](x)", lambda x: -jnp.sort(-x, 0)),
    ("sort of one", (1, 1), "sort(x)", lambda x: jnp.sort(x, -1)),
    ("argsort", (3, 7), "f32(argsort(x)) * x", lambda x: jnp.argsort(x, -1) * x),
    ("top_k", (3, 7), "{ let v, i = top_k[3](x); v * f32(i + 1) }",
     lambda x: jnp.sort(x, -1)[:, ::-1][:, :3] * (jnp.argsort(x, -1)[:, ::-1][:, :3] + 1)),
    ("std", (3, 5), "std[1](x)", lambda x: jnp.std(x, 1)),
    ("std of two axes, kept", (3, 2, 5), "x / std[0, 2, keep=true](x)", lambda x: x / jnp.std(x, (0, 2), keepdims=True)),
    ("mean of two axes", (3, 2, 5), "mean[0, 2](x)", lambda x: jnp.mean(x, (0, 2))),
    ("diagonal", (4, 4), 'einsum["ii->i"](x)', lambda x: jnp.einsum("ii->i", x)),
    ("trace of each", (3, 2, 3), 'einsum["ibi->b"](x)', lambda x: jnp.einsum("ibi->b", x)),
    ("outer product", (3, 5), 'einsum["ab,cd->acbd"](x, x)', lambda x: jnp.einsum("ab,cd->acbd", x, x)),
    ("pointwise product", (3, 5), 'einsum["ab,ba->ba"](x, transpose(x) + 1)',
     lambda x: jnp.einsum("ab,ba->ba", x, x.T + 1)),
    ("two contracted axes", (3, 2, 5), 'einsum["abc,dbc->ad"](x, x)', lambda x: jnp.einsum("abc,dbc->ad", x, x)),
    ("three operands", (3, 5), 'einsum["ab,cb,cd->da"](x, x * 2, x + 1)',
     lambda x: jnp.einsum("ab,cb,cd->da", x, x * 2, x + 1)),
    ("batch and a lonely letter", (2, 3, 5), 'einsum["bij,bkj->bk"](x, x)', lambda x: jnp.einsum("bij,bkj->bk", x, x)),
    ("batched product", (2, 3, 5), "x[_, new] @ transpose[0, 2, 1](x)[new, _]", lambda x: x[:, None] @ x.transpose(0, 2, 1)[None]),
    ("vector times batch", (2, 5, 3), "x[0, _, 1] @ x", lambda x: x[0, :, 1] @ x),
    ("rows", (4, 3), "x[index[4]([2, 0, 2])]", lambda x: x[I]),
    ("pairs", (3, 5), "x[index[3]([2, 0, 2]), index[5]([1, 4, 1])]", lambda x: x[I, K]),
    ("pairs around an axis", (3, 2, 5), "x[index[3]([2, 0, 2]), _, index[5]([1, 4, 1])]", lambda x: jnp.stack([x[i, :, k] for i, k in zip(I, K)])),
    ("a range at run time", (3, 7), "{ let k = argmax(x[0]) + 0; x[_, i64(k) - 1..i64(k) + 1] }",
     lambda x: x[:, int(numpy.argmax(x[0])) - 1:int(numpy.argmax(x[0])) + 1]),
    ("a written row", (3, 5), "{ var y = x; y[1] = 2 * x[0]; y }", lambda x: x.at[1].set(2 * x[0])),
    ("a written range", (3, 5), "{ var y = 3 * x; y[_, 1..4] = x[_, 0..3] * x[_, 2..5]; y }",
     lambda x: (3 * x).at[:, 1:4].set(x[:, 0:3] * x[:, 2:5])),
    ("written twice", (3, 5), "{ var y = x; y[index[3]([2, 0, 2])] = 2 * x; y }",
     lambda x: x.at[2].set(2 * x[2]).at[0].set(2 * x[1])),
    ("written pairs", (3, 5), "{ var y = x; y[index[3]([2, 0, 1]), index[5]([1, 4, 1])] = x[_, 0] ** 2; y }",
     lambda x: x.at[numpy.array([2, 0, 1]), K].set(x[:, 0] ** 2)),
    ("written around an axis", (3, 2, 5), "{ var y = x; y[index[3]([2, 0]), _, index[5]([1, 4])] = x[0..2, _, 0] * 3; y }",
     lambda x: x.at[numpy.array([2, 0]), :, numpy.array([1, 4])].set(x[0:2, :, 0] * 3)),
    ("written at run time", (3, 7), "{ var y = x; let k = argmax(x[0]); y[1, k] = x[2, 2] ** 2; y }",
     lambda x: x.at[1, int(numpy.argmax(x[0]))].set(x[2, 2] ** 2)),
    ("segments", (5, 2), "segment_sum[3](x, index[3]([2, 0, 2, 2, 0]))",
     lambda x: jnp.stack([x[1] + x[4], 0 * x[0], x[0] + x[2] + x[3]])),
    ("a loop", (3, 5), SCAN % (3, "", "tanh(xt + 0.5 * h)"), scan),
    ("a loop from the end", (3, 5), SCAN % (3, " reversed", "2 * xt + 0.9 * h"), from_the_end),
    ("a loop of one turn", (3, 1), SCAN % (3, "", "tanh(xt + 0.5 * h)"), scan),
    ("pad", (3, 2), "pad[0, low=2](pad[1, low=1, high=3](x, 5))",
     lambda x: jnp.pad(jnp.pad(x, ((0, 0), (1, 3)), constant_values=5), ((2, 0), (0, 0)))),
    ("concat and stack", (3, 5), "concat[1](stack[1](x[_, 0], x[_, 1] ** 2), x)",
     lambda x: jnp.concatenate([jnp.stack([x[:, 0], x[:, 1] ** 2], 1), x], 1)),
]


def main():
    print("## Made by tests/oracle/tensors.py: values and gradients, computed apart from the compiler.\n")
    for number, (name, shape, text, function) in enumerate(CASES):
        x = data(*shape)
        value = numpy.asarray(function(jnp.asarray(x)))
        weight = (numpy.arange(value.size) * 0.1 + 0.5).reshape(value.shape)
        concrete = numpy.asarray(x)
        jax_function = function
        if "argmax" in text:  # the position is fixed while the values vary
            at = int(numpy.argmax(concrete[0]))
            jax_function = {"a range at run time": lambda v: v[:, at - 1:at + 1],
                            "written at run time": lambda v: v.at[1, at].set(v[2, 2] ** 2)}[name]
        gradient = jax.grad(lambda v: (jax_function(v) * weight).sum())(jnp.asarray(x))
        sizes = ", ".join(map(str, shape))
        body = text if text.startswith("{") else "{ %s }" % text
        result = ", ".join(map(str, value.shape))
        print("fn value_%d(x: f32[%s]) -> f32[%s] %s" % (number, sizes, result, body))
        print("fn gradient_%d(x: f32[%s]) -> f32[%s] {" % (number, sizes, sizes))
        print("  grad(sum(value_%d(x) * (0.1 * reshape[%s](f32(iota[%d])) + 0.5)), x)\n}" % (number, result, value.size))
        print('test "%s" {\n  let x = %s' % (name, literal(x)))
        print("  assert_close(value_%d(x), %s, 1e-4)" % (number, literal(value)))
        print("  assert_close(gradient_%d(x), %s, 1e-4)\n}\n" % (number, literal(gradient)))


main()
