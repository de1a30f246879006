#!/usr/bin/env python3
"""Writes what the steps of operations.dlm and library.dlm must give, computed by JAX in float64, and gradients by its
own differentiation; optimizers and running statistics are written out by hand from their papers.
usage: oracle.py [CASE...]     all cases, or those that are named, into operations.txt and library.txt; the tests need
only these files (README.md)."""
import pathlib
import sys
import zlib

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.scipy import special

HERE = pathlib.Path(__file__).parent
GROUPS = {"operations": {}, "library": {}}  # by name: a function that gives the lines of the case
group = GROUPS["operations"]


# ---- numbers: short, exact in f32, no two of a case alike; drawn by the name of the case -------------------------
def reals(*shape, low=-2.0, high=2.0):
    def draw(random, number):
        count = int(np.prod(shape))
        even = np.linspace(low, high, count + 2)[1:-1] if count != 1 else np.array([0.6 * high + 0.4 * low])
        return random.permutation(np.round(even * 1024) / 1024 + (number + 1) / 8192).reshape(shape)
    return draw


def positive(*shape):
    return reals(*shape, low=0.1, high=3.0)


def whole(*shape, low=-5, high=6):
    return lambda random, number: random.integers(low, high, shape)


def cotangent(k, shape):
    i = np.arange(int(np.prod(shape)))
    return (((i * 7 + 3 * k + 3) % 11 - 5) / 8 + 0.0625).reshape(shape)


def text(array):
    return " ".join(repr(float(v)).removesuffix(".0") for v in np.asarray(array, np.float64).ravel())


# ---- cases -------------------------------------------------------------------------------------------------------
def case(name, function, grad=True, kinks=False, new=None, runs=1, dims=None, **inputs):
    """A step `name`: function(*inputs) are its values.  An input `a__b` is the path a.b.  new(*inputs) gives the
    weights and states after the runs, by path."""
    def lines():
        random = np.random.default_rng(zlib.crc32(name.encode()))
        made = [np.asarray(v(random, i) if callable(v) else v) for i, v in enumerate(inputs.values())]
        paths = [key.replace("__", ".") for key in inputs]
        arguments = [jnp.asarray(v, jnp.float64 if v.dtype.kind == "f" else None) for v in made]
        yield f"case {name}"
        yield from (f"in {path} : {text(value)}" for path, value in zip(paths, made))
        yield from (f"dim {name} : {value}" for name, value in (dims or {}).items())
        values = results(function, arguments)
        yield from (f"out : {text(value)}" for value in values)
        floats = [i for i, v in enumerate(made) if v.dtype.kind == "f"]
        if grad and floats and any(v.dtype.kind == "f" for v in values):
            gradients = jax.grad(weighted(function, arguments, floats), range(len(floats)))(*[arguments[i] for i in floats])
            yield from (f"grad {paths[i]} : {text(gradient)}" for i, gradient in zip(floats, gradients))
        yield from (f"new {path} : {text(value)}" for path, value in (new(*arguments) if new else {}).items())
        if runs > 1:
            yield f"runs {runs}"
        if kinks:
            yield "kinks"
    group[name] = lines


def results(function, arguments):
    values = function(*arguments) if function else ()
    return values if isinstance(values, tuple) else (values,)


def weighted(function, arguments, floats):
    def loss(*moving):
        full = list(arguments)
        for i, v in zip(floats, moving):
            full[i] = v
        return sum(jnp.sum(v * cotangent(k, v.shape)) for k, v in enumerate(results(function, full)) if v.dtype.kind == "f")
    return loss


def drawn(name, mean, std, low=-np.inf, high=np.inf):
    group[name] = lambda: [f"case {name}", f"like {mean:.9g} {std:.9g} {low:.9g} {high:.9g}"]


# ---- operations --------------------------------------------------------------------------------------------------
f = reals
case("add", lambda x, y: x + y, x=f(3, 1, 5), y=f(1, 5))
case("subtract", lambda x, y: x - y[:, None], x=f(2, 3), y=f(2))
case("multiply", lambda x, y: x * y, x=f(7), y=f())
case("divide", lambda x, y: x / y, x=f(3, 5), y=positive(5))
case("floor_divide", lambda x, y: jnp.floor(x / y), x=f(11), y=f(11), grad=False)
case("floor_divide_whole", lambda x, y: x // y, x=whole(11, low=-20, high=20), y=whole(11, low=1, high=5))
case("modulo", lambda x, y: x - jnp.floor(x / y) * y, x=f(11), y=positive(11), kinks=True)
case("modulo_whole", lambda x: x % -3, x=whole(11, low=-20, high=20))
case("power", lambda x, y: x**y, x=positive(9), y=f(9))
case("power_whole", lambda x: x**3 + x**-2 + x**2 + jnp.sqrt(x), x=positive(9))
case("negate_it", lambda x: -x, x=f(2, 3))
case("compare", lambda x, y: (x == y) + 2 * (x != y) + 4 * (x < y) + 8 * (x <= y) + 16 * (x > y) + 32 * (x >= y),
     x=whole(9, low=0, high=3), y=whole(9, low=0, high=3))
case("compare_reals", lambda x, y: x <= y, x=f(9), y=f(9), grad=False)
case("logic", lambda x, y: ((x > 0) & (y > 0)) | ~(x > y), x=whole(9), y=whole(9))
case("choose", lambda c, x, y: jnp.where(c, x, y), c=np.array([[1], [0], [1], [0]], bool), x=f(4, 3), y=f(3))
case("smaller", jnp.minimum, x=f(13), y=f(13))
case("larger", jnp.maximum, x=f(13), y=f(13))
case("absolute", jnp.abs, x=f(13))
case("sign_of", lambda x: jnp.sign(x) * x, x=f(13))
case("square_root", jnp.sqrt, x=positive(13))
case("exponential", jnp.exp, x=f(13))
case("exponential_less_one", jnp.expm1, x=f(13, low=-0.1, high=0.1))
case("logarithm", jnp.log, x=positive(13))
case("logarithm_of_more", jnp.log1p, x=f(13, low=-0.5, high=0.5))
case("hyperbolic", jnp.tanh, x=f(13))
case("logistic", nn.sigmoid, x=f(13, low=-9.0, high=9.0))
case("error_function", special.erf, x=f(13))
case("sine", jnp.sin, x=f(13, low=-20.0, high=20.0))
case("cosine_of", jnp.cos, x=f(13, low=-20.0, high=20.0))
case("rounded_down", jnp.floor, x=f(13), kinks=True)
case("rounded", jnp.round, x=f(13), kinks=True)
case("stopped", lambda x: x * lax.stop_gradient(x), x=f(13), kinks=True)
case("widened", lambda x, y: x / 4 + y * x, x=whole(5, low=0, high=255), y=f(5))
case("a_branch", lambda x, flag: jnp.where(flag, x * x, 3 * x), x=f(3, 2), flag=np.array(True))
case("chained", lambda x, y: jnp.sum(jnp.tanh(x @ y)**2 * nn.sigmoid(jnp.tanh(x @ y)), 1), x=f(3, 5), y=f(5, 2))
case("matrix_matrix", jnp.matmul, x=f(5, 7), y=f(7, 3))
case("matrix_vector", jnp.matmul, x=f(5, 7), y=f(7))
case("vector_matrix", jnp.matmul, x=f(7), y=f(7, 3))
case("vector_vector", jnp.matmul, x=f(7), y=f(7))
case("matrix_one", jnp.matmul, x=f(1, 1), y=f(1, 3))
case("matrix_batches", jnp.matmul, x=f(2, 1, 5, 3), y=f(2, 4, 3, 2))
case("matrix_over_leading", jnp.matmul, x=f(2, 3, 5), y=f(5, 4))


for name, letters, shapes in [
        ("einsum_attention", "bthd,bshd->bhts", {"q": f(2, 3, 2, 4), "k": f(2, 5, 2, 4)}),
        ("einsum_product", "ij,jk->ki", {"x": f(2, 3), "y": f(3, 4)}),
        ("einsum_outer", "i,j->ij", {"x": f(3), "y": f(4)}),
        ("einsum_summed", "ij,k->i", {"x": f(3, 4), "y": f(4)}),
        ("einsum_inner", "ij,ij->", {"x": f(3, 4), "y": f(3, 4)}),
        ("einsum_turned", "ijk->ki", {"x": f(2, 3, 4)})]:
    case(name, lambda *operands, letters=letters: jnp.einsum(letters, *operands), **shapes)


def convolve(x, w, stride=1, pad=0, spread=1, dilation=1, groups=1):
    n = x.ndim - 2
    return lax.conv_general_dilated(x, w, (stride,) * n, [(pad, pad)] * n, (spread,) * n, (dilation,) * n,
                                    feature_group_count=groups)


def window(x, kernel, stride, pad, start, join):
    return lax.reduce_window(x, start, join, (1, 1) + (kernel,) * (x.ndim - 2), (1, 1) + (stride,) * (x.ndim - 2),
                             [(0, 0)] * 2 + [(pad, pad)] * (x.ndim - 2))


case("convolve", lambda x, w: convolve(x, w, 2, 1), x=f(2, 3, 7, 6), w=f(4, 3, 3, 3))
case("convolve_groups", lambda x, w: convolve(x, w, groups=2), x=f(2, 4, 6, 5), w=f(6, 2, 2, 2))
case("convolve_dilated", lambda x, w: convolve(x, w, dilation=2), x=f(1, 2, 7, 7), w=f(1, 2, 3, 2))
case("convolve_spread", lambda x, w: convolve(x, w, pad=2, spread=2), x=f(2, 2, 3, 3), w=f(3, 2, 4, 4))
case("convolve_sequence", lambda x, w: convolve(x, w, 2, 1), x=f(2, 3, 9), w=f(2, 3, 4))
case("convolve_volume", convolve, x=f(1, 2, 4, 3, 3), w=f(3, 2, 2, 3, 1))
case("largest_of_windows", lambda x: window(x, 3, 2, 1, -jnp.inf, lax.max), x=f(2, 2, 7, 6))
case("sum_of_windows", lambda x: window(x, 3, 2, 1, 0.0, lax.add), x=f(2, 2, 7, 6))
case("sum_all", jnp.sum, x=f(3, 4, 5))
case("sum_middle", lambda x: jnp.sum(x, 1), x=f(3, 4, 5))
case("sum_two", lambda x: jnp.sum(x, (0, 2)), x=f(3, 4, 5))
case("sum_kept", lambda x: x - jnp.sum(x, 1, keepdims=True), x=f(3, 2))
case("sum_over_one", lambda x: jnp.sum(x, 1), x=f(3, 1, 2))
case("sum_whole", lambda x: jnp.sum(x, 0), x=whole(3, 4))
case("mean_of", lambda x: jnp.mean(x, (1, 2)), x=f(3, 4, 5))
case("max_of", lambda x: jnp.max(x, 1), x=f(3, 4, 5))
case("min_of", jnp.min, x=f(3, 4, 5))
case("any_of", lambda x: jnp.any(x > 2, 0), x=whole(3, 4))
case("all_of", lambda x: jnp.all(x > -3, 1), x=whole(3, 4))
case("std_of", jnp.std, x=f(3, 5))
case("std_two", lambda x: jnp.std(x, (0, 2)), x=f(3, 4, 2))
case("sums_so_far", lambda x: jnp.cumsum(x, 1), x=f(3, 5))
case("sums_down", lambda x: jnp.cumsum(x, 0), x=f(4, 3))
case("sorted_of", jnp.sort, x=f(3, 7))
case("sorted_down", lambda x: -jnp.sort(-x, 0), x=f(5, 2))
case("order_of", jnp.argsort, x=f(3, 7), grad=False)
case("largest_three", lambda x: tuple(lax.top_k(x, 3)), x=f(2, 7))
case("argmax_of", lambda x: jnp.argmax(x, -1), x=f(3, 7), grad=False)
case("argmin_of", lambda x: jnp.argmin(x, 0), x=f(3, 7), grad=False)
case("reshaped", lambda x: x.reshape(2, 6), x=f(3, 4))
case("flattened", lambda x: x.reshape(3, 4), x=f(3, 2, 2))
case("transposed", lambda x: jnp.transpose(x, (2, 0, 1)), x=f(2, 3, 4))
case("transposed_last", lambda x: jnp.swapaxes(x, 1, 2), x=f(2, 3, 4))
case("joined", lambda x, y: jnp.concatenate([x, y, x], 1), x=f(2, 3), y=f(2, 1))
case("stacked", lambda x, y: jnp.stack([x, y], 1), x=f(2, 3), y=f(2, 3))
case("unstacked", lambda x: x[:, 0] * x[:, 1] - x[:, 2], x=f(2, 3, 4))
case("reversed_axis", lambda x: x[:, ::-1], x=f(2, 5))
case("padded", lambda x, v: jnp.pad(jnp.pad(x, ((0, 0), (1, 3)), constant_values=5), ((2, 0), (0, 0)),
                                    constant_values=v), x=f(3, 2), v=f())
case("padded_with_nothing", lambda x: jnp.pad(x, ((0, 0), (0, 2))), x=f(3, 2))
case("one_row", lambda x: x[1], x=f(3, 4))
case("from_the_end", lambda x: x[:, -1], x=f(3, 4))
case("a_range", lambda x: x[:, 1:4], x=f(3, 6))
case("a_moving_range", lambda x, k: lax.dynamic_slice(x, (k, 0), (3, 2)), x=f(6, 2), k=np.array(2))
case("new_axes", lambda x: x[:, None], x=f(3, 2))
case("gathered", lambda table, ids: table[ids], table=f(5, 3), ids=whole(2, 4, low=0, high=5))
case("gathered_last", lambda x, ids: x[:, ids], x=f(3, 5), ids=whole(4, low=0, high=5))
case("pairs", lambda x, ids: x[jnp.arange(3), ids], x=f(3, 5), ids=whole(3, low=0, high=5))
case("part_replaced", lambda x, v: (x * x).at[1].set(v).at[2:4, 0].set(v[:2]), x=f(4, 3), v=f(3))
case("rows_replaced", lambda x, v, ids: x.at[ids].set(v), x=f(5, 2), v=f(3, 2), ids=np.array([3, 0, 4]))
case("sums_by_segment", lambda v, ids: jax.ops.segment_sum(v, ids, 4), v=f(6, 2), ids=whole(6, low=0, high=4))
case("constants", lambda x: 0.5 * x + 1, x=f(2))
case("counting", lambda x: x * jnp.arange(4), x=f(4))
case("a_literal", lambda x: x @ jnp.array([[1.0, -2.0], [0.5, 3.0]]), x=f(2, 2))
case("batch_of_three", lambda x: jnp.sum(x, 0) * 3, x=f(3, 2), dims={"B": 3}, grad=False)
case("batch_of_none", lambda x: jnp.sum(x, 0), x=f(0, 2), dims={"B": 0}, grad=False)


def two(x, w, b):
    return x @ w + b


case("record_total", lambda x, w, b: jnp.sum(w**2) + jnp.sum(b**2) + jnp.sum(two(x, w, b)), x=f(1, 3),
     Pair__out__w=f(3, 2), Pair__out__b=f(2))
case("record_flat", lambda x, w, b: jnp.concatenate([w.ravel(), b]) * x, x=f(8), Pair__out__w=f(3, 2), Pair__out__b=f(2))
case("record_like", lambda v, x, w, b: two(x, v[:6].reshape(3, 2), v[6:]), v=f(8), x=f(4, 3), Pair__out__w=f(3, 2),
     Pair__out__b=f(2))
drawn("record_fresh", 0, np.sqrt(2 / 96), -0.25, 0.25)


def slopes(x, w, b):
    dw, db = jax.grad(lambda w, b: jnp.mean(two(x, w, b)**2), (0, 1))(w, b)
    return jnp.concatenate([dw.ravel(), db])


case("gradient_by_record", slopes, x=f(4, 3), Pair__out__w=f(3, 2), Pair__out__b=f(2))
bent = jax.custom_vjp(lambda x: x**3)
bent.defvjp(lambda x: (x**3, x), lambda x, dy: (7 * dy * x,))
case("own_derivative", bent, x=f(9), kinks=True)
drawn("draws_uniform", 0.5, np.sqrt(1 / 12), 0, 1)
drawn("draws_whole", 3, 2, 0, 6)

case("product_of_nothing", jnp.matmul, x=f(0, 3), y=f(3, 2))
case("product_over_nothing", jnp.matmul, x=f(2, 0), y=f(0, 3))
case("sum_of_nothing", lambda x: jnp.sum(x, 1), x=f(3, 0))
case("padded_nothing", lambda x: jnp.full((2, 3), 7.0) + jnp.sum(x), x=f(2, 0))
case("joined_with_nothing", lambda x, y: jnp.concatenate([x, y], 1), x=f(2, 0), y=f(2, 3))
case("scalars", lambda x, y: x * y + x / y - jnp.exp(x), x=f(), y=f())
case("product_over_one", jnp.matmul, x=f(4, 1), y=f(1, 3))
case("convolve_whole", convolve, x=f(2, 2, 3, 3), w=f(3, 2, 3, 3))
case("convolve_points", lambda x, w: convolve(x, w, 3), x=f(2, 3, 4, 5), w=f(5, 3, 1, 1))
case("convolve_far", lambda x, w: convolve(x, w, pad=3), x=f(1, 1, 2, 2), w=f(1, 1, 3, 3))
case("windows_of_negatives", lambda x: window(x, 2, 2, 1, -jnp.inf, lax.max), x=f(1, 2, 4, 5, low=-3, high=-1))
case("windows_of_sequences", lambda x: window(x, 3, 2, 0, 0.0, lax.add), x=f(2, 3, 7))
case("gathered_again", lambda table, ids: table[ids]**2, table=f(5, 3), ids=np.array([1, 1, 4, 0, 1, 4]))
case("square_sizes", lambda x, y: x @ y.T + jnp.sum(x * y, 0) + jnp.sum(x, 1)[:, None], x=f(3, 3), y=f(3, 3))
case("wide_row", lambda x: jnp.sum(x * x, 1) + jnp.max(x, 1), x=f(1, 67))
case("tall_column", lambda x: jnp.sum(x * x, 0) + jnp.mean(x, 0), x=f(67, 1))
case("long_columns", lambda x, y: jnp.sum(nn.softmax(x[:, None] * y), 0), x=f(260), y=f(64))
case("seventeen", lambda x, y: jnp.tanh(x @ y), x=f(17, 19), y=f(19, 23))
nan, inf = np.nan, np.inf
case("special_values", lambda x, y: (x + y, x * y, jnp.where(x > y, x, y), jnp.where(x < y, x, y), x / y, x < y, x == y),
     grad=False,  # of no number and another the second comes out, docs/numerics.md
     x=np.array([nan, 1, inf, -inf, inf, 0, 1, -1]), y=np.array([1, nan, 1, inf, inf, 0, 0, 0.0]))
case("special_functions", lambda x: (jnp.exp(x), jnp.tanh(x), nn.sigmoid(x), special.erf(x), jnp.abs(x), jnp.log(jnp.abs(x))),
     grad=False, x=np.array([nan, inf, -inf, 0, 30, -30]))
case("special_reductions", lambda x: (jnp.sum(x, 1), jnp.argmax(x, 1), jnp.max(x[1:], 1), jnp.min(x[1:], 1)), grad=False,
     x=np.array([[1, nan, 2, 3], [inf, 1, 2, 3], [-inf, -inf, 0, 1]]))

# ---- library: activations, formulas ------------------------------------------------------------------------------
group = GROUPS["library"]
case("relu_of", nn.relu, x=f(13))
case("leaky", lambda x: nn.leaky_relu(x, 0.2), x=f(13))
case("elu_of", lambda x: nn.elu(x, 0.7), x=f(13))
case("selu_of", nn.selu, x=f(13))
case("gelu_of", lambda x: nn.gelu(x, approximate=False), x=f(13))
case("silu_of", nn.silu, x=f(13))
case("mish_of", nn.mish, x=f(13))
case("softplus_of", nn.softplus, x=f(13))
case("relu6_of", lambda x: nn.relu6(5 * x), x=f(13))
case("hard_sigmoid_of", lambda x: nn.hard_sigmoid(2 * x), x=f(13))
case("hard_silu_of", lambda x: nn.hard_silu(2 * x), x=f(13))
case("hard_tanh_of", nn.hard_tanh, x=f(13))
case("log_sigmoid_of", nn.log_sigmoid, x=f(13))
case("softmax_of", nn.softmax, x=f(3, 5))
case("softmax_middle", lambda x: nn.softmax(x, 1), x=f(2, 4, 3))
case("softmax_large", lambda x: nn.softmax(200 * x), x=f(2, 3))
case("log_softmax_of", lambda x: nn.log_softmax(x, 0), x=f(3, 5))
case("logsumexp_of", lambda x: special.logsumexp(x, 0), x=f(3, 5))
case("lerp_of", lambda x, y, t: (1 - t) * x + t * y, x=f(5), y=f(5), t=f())
case("clip_of", lambda x: jnp.clip(x, -0.5, 1), x=f(13))
case("variance_two", lambda x: jnp.var(x, (0, 2)), x=f(3, 4, 2))
case("erfinv_of", special.erfinv, x=f(7, low=-0.95, high=0.95))

# ---- library: layers ---------------------------------------------------------------------------------------------
case("dense_of", lambda x, w, b: x @ w + b, x=f(2, 3, 5), dense__w=f(5, 4), dense__b=f(4))
case("dense_plain", jnp.matmul, x=f(5), plain__w=f(5, 4))
case("embedding_of", lambda ids, w: w[ids], ids=whole(2, 4, low=0, high=6), embedding__w=f(6, 3))


def shift(b, n):
    return b.reshape((-1,) + (1,) * n)


case("conv1d", lambda x, w, b: convolve(x, w, 1, 1) + shift(b, 1), x=f(2, 3, 7), conv1__w=f(2, 3, 3), conv1__b=f(2))
case("conv2d", lambda x, w, b: convolve(x, w, 2, 1, groups=2) + shift(b, 2), x=f(2, 6, 7, 5), conv2__w=f(4, 3, 3, 3),
     conv2__b=f(4))
case("conv2d_plain", lambda x, w: convolve(x, w, dilation=2), x=f(1, 2, 5, 4), conv2_plain__w=f(1, 2, 2, 2))
case("conv2d_wide", convolve, x=f(1, 2, 3, 7), wide_kernel__w=f(3, 2, 1, 5))
case("conv3d", lambda x, w, b: convolve(x, w) + shift(b, 3), x=f(1, 2, 3, 4, 3), conv3__w=f(2, 2, 2, 2, 2), conv3__b=f(2))
case("depthwise_of", lambda x, w, b: convolve(x, w, pad=1, groups=3) + shift(b, 2), x=f(2, 3, 4, 5),
     depthwise__w=f(3, 1, 3, 3), depthwise__b=f(3))


def lay_down(x, w, b, stride, pad):
    """Every pixel adds its weighted kernel to the canvas."""
    batch, _, height, width = x.shape
    kernel = w.shape[2]
    canvas = jnp.zeros((batch, w.shape[1], (height - 1) * stride + kernel, (width - 1) * stride + kernel))
    for i in range(height):
        for j in range(width):
            patch = jnp.einsum("bc,cohw->bohw", x[:, :, i, j], w)
            canvas = canvas.at[:, :, i * stride:i * stride + kernel, j * stride:j * stride + kernel].add(patch)
    return canvas[:, :, pad:canvas.shape[2] - pad, pad:canvas.shape[3] - pad] + shift(b, 2)


case("transposed_conv2d", lambda x, w, b: lay_down(x, w, b, 2, 1), x=f(2, 3, 3, 4), up__w=f(3, 2, 4, 4), up__b=f(2))
case("max_pool_of", lambda x: window(x, 2, 2, 0, -jnp.inf, lax.max), x=f(2, 2, 6, 5))
case("avg_pool_of", lambda x: window(x, 3, 2, 1, 0.0, lax.add) / 9, x=f(2, 2, 6, 5))
case("global_mean_of", lambda x: jnp.mean(x, (2, 3)), x=f(2, 3, 4, 5))
case("global_max_of", lambda x: jnp.max(x, (2, 3)), x=f(2, 3, 4, 5))


def normalised(x, axes, eps):
    return (x - jnp.mean(x, axes, keepdims=True)) / jnp.sqrt(jnp.var(x, axes, keepdims=True) + eps)


case("layer_norm_of", lambda x, g, b: normalised(x, -1, 1e-5) * g + b, x=f(2, 3, 5), layer_norm__gamma=f(5),
     layer_norm__beta=f(5))
case("rms_norm_of", lambda x, g: x / jnp.sqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6) * g, x=f(2, 5),
     rms_norm__gamma=f(5))
case("group_norm_of",
     lambda x, g, b: normalised(x.reshape(2, 2, 18), -1, 1e-5).reshape(x.shape) * shift(g, 2) + shift(b, 2),
     x=f(2, 6, 2, 3), group_norm__gamma=f(6), group_norm__beta=f(6))


def batch_norm(x, gamma, beta):
    n = x.ndim - 2
    axes = (0,) + tuple(range(2, x.ndim))
    return normalised(x, axes, 1e-5) * shift(gamma, n) + shift(beta, n)


def moved(name, momentum, *batches):
    """The running statistics after the batches, n - 1 in the variance (0 of a single number)."""
    def new(mean, variance):
        for x in batches:
            rows = np.moveaxis(np.asarray(x), 1, -1).reshape(-1, x.shape[1])
            mean = mean + momentum * (rows.mean(0) - mean)
            variance = variance + momentum * (((rows - rows.mean(0))**2).sum(0) / max(len(rows) - 1, 1) - variance)
        return {f"{name}.mean": mean, f"{name}.variance": variance}
    return new


case("batch_norm_of", lambda x, g, b, m, v: batch_norm(x, g, b), x=f(3, 4, 2, 1), batch_norm__gamma=f(4),
     batch_norm__beta=f(4), batch_norm__mean=f(4), batch_norm__variance=positive(4),
     new=lambda x, g, b, m, v: moved("batch_norm", 0.1, x)(m, v))
case("batch_norm_rows", lambda x, g, b, m, v: batch_norm(x, g, b), x=f(5, 3), row_norm__gamma=f(3), row_norm__beta=f(3),
     row_norm__mean=f(3), row_norm__variance=positive(3), runs=3,
     new=lambda x, g, b, m, v: moved("row_norm", 0.3, x, x, x)(m, v))
case("batch_norm_of_one", lambda x, g, b, m, v: batch_norm(x, g, b), x=f(1, 3), one_norm__gamma=f(3),
     one_norm__beta=f(3), one_norm__mean=f(3), one_norm__variance=positive(3),
     new=lambda x, g, b, m, v: moved("one_norm", 0.1, x)(m, v))
case("batch_norm_still", lambda x, g, b, m, v: (x - m) / jnp.sqrt(v + 1e-5) * g + b, x=f(2, 3), still_norm__gamma=f(3),
     still_norm__beta=f(3), still_norm__mean=f(3), still_norm__variance=positive(3),
     new=lambda x, g, b, m, v: {"still_norm.mean": m, "still_norm.variance": v})
case("batch_norm_twice", lambda x, y, g, b, m, v: batch_norm(y, g, b) + jnp.sum(batch_norm(x, g, b)[0]), x=f(4, 2),
     y=f(3, 2), twice_norm__gamma=f(2), twice_norm__beta=f(2), twice_norm__mean=f(2), twice_norm__variance=positive(2),
     new=lambda x, y, g, b, m, v: moved("twice_norm", 0.5, y, x)(m, v))


# ---- library: losses, figures, schedules -------------------------------------------------------------------------
def cross_entropy(x, label):
    return -jnp.take_along_axis(nn.log_softmax(x), label[..., None], -1)[..., 0]


def huber(x, y, delta):
    d = jnp.abs(x - y)
    return jnp.where(d < delta, d * d / 2, delta * (d - delta / 2))


def bce(x, y):
    return -y * nn.log_sigmoid(x) - (1 - y) * nn.log_sigmoid(-x)


case("cross_entropy_of", cross_entropy, x=f(2, 3, 5), label=whole(2, 3, low=0, high=5))
case("mse_of", lambda x, y: (x - y)**2, x=f(2, 3), y=f(2, 3))
case("mae_of", lambda x, y: jnp.abs(x - y), x=f(7), y=f(7))
case("huber_of", lambda x, y: huber(x, y, 0.75), x=f(9), y=f(9))
case("bce_of", lambda x, y: bce(x, nn.sigmoid(y)), x=f(9), y=f(9))
case("bce_scalar", lambda x: jnp.mean(bce(x, 1)) + jnp.mean(bce(2 * x, 0)), x=f(9))
case("hinge_of", lambda x, y: nn.relu(1 - x * jnp.sign(y)), x=f(9), y=f(9))
case("kl_of", lambda x, y: jnp.sum(nn.softmax(x) * (nn.log_softmax(x) - nn.log_softmax(y)), -1), x=f(2, 4), y=f(2, 4))
case("cross_entropy_of_one", cross_entropy, x=f(5), label=np.array(3))
case("cross_entropy_large", lambda x, label: cross_entropy(100 * x, label), x=f(3, 2), label=whole(3, low=0, high=2))
case("softmax_of_one", lambda x: jnp.ones_like(x), x=f(3, 1))
case("masked_softmax", lambda x: nn.softmax(jnp.where(np.tri(3) > 0, x, -inf)), x=f(3, 3))
case("bce_far", lambda x: bce(50 * x, 0.25), x=f(5))
case("layer_norm_of_one", lambda x, g, b: 0 * x + b, x=f(3, 1), one_feature__gamma=f(1), one_feature__beta=f(1))
case("accuracy_of", lambda x, label: jnp.mean(jnp.argmax(x, -1) == label), x=f(6, 4), label=whole(6, low=0, high=4),
     grad=False)


def confusion(x, label):
    table = np.zeros((4, 4))
    for guess, truth in zip(np.argmax(x, -1), label):
        table[truth, guess] += 1
    return jnp.array(table)


case("confusion_of", confusion, x=f(9, 4), label=whole(9, low=0, high=4), grad=False)
table = np.array([[3, 1, 0, 0], [0, 2, 2, 0], [1, 0, 4, 0], [0, 0, 0, 0]], float)
precision, recall = np.diag(table) / np.maximum(table.sum(0), 1), np.diag(table) / np.maximum(table.sum(1), 1)
by_class = 2 * precision * recall / np.maximum(precision + recall, 1e-30)
case("f1_of_classes", lambda c: jnp.array(by_class), c=table, grad=False)
case("f1_of", lambda c: jnp.array(by_class.mean()), c=table, grad=False)
case("cosine_schedule", lambda t: jnp.array(0.1 + 0.4 * (1 + np.cos(np.pi * (6 - 3) / 7)) / 2), t=np.array(6))
case("cosine_rising", lambda t: jnp.array(0.5 * 2 / 5), t=np.array(2))
case("linear_schedule", lambda t: jnp.array(0.5 - 0.4 * (6 - 3) / 7), t=np.array(6))
case("linear_rising", lambda t: jnp.array(0.5 * 2 / 8), t=np.array(2))
case("staircase_schedule", lambda t: jnp.array(0.5 * 0.25), t=np.array(7))
case("mask", lambda x: x * np.array([[1, 1, 1, 0], [1, 1, 1, 1]]), x=f(2, 4))
case("shifted", lambda x: x, x=f(2, 3, 4, 5))
inside = np.mean([(8 - abs(i)) * (8 - abs(j)) / 64 for i in range(-2, 3) for j in range(-2, 3)])
drawn("shifted_out", inside, np.sqrt(inside * (1 - inside)), 0, 1)
case("flipped", lambda x: x[..., ::-1], x=f(2, 3, 2, 5))

# ---- library: draws ----------------------------------------------------------------------------------------------
share = np.exp([0.0, 1.0, 2.0]) / np.exp([0.0, 1.0, 2.0]).sum()
mean = share @ [0, 1, 3]
drawn("categorical_of", mean, np.sqrt(share @ (np.array([0, 1, 3]) - mean)**2), 0, 3)
drawn("dropout_of", 1, np.sqrt(0.25 / 0.75), 0, 4 / 3 + 1e-6)
case("dropout_still", lambda x: x, x=f(5))
drawn("uniform_of", 1, 4 / np.sqrt(12), -1, 3)
drawn("normal_of", 2, 0.5)
density = np.exp(-2) / np.sqrt(2 * np.pi)
drawn("truncated_normal_of", 0, np.sqrt(1 - 4 * density / special.erf(np.sqrt(2)).item()), -2.0001, 2.0001)
drawn("glorot_of", 0, np.sqrt(2 / 96), -0.25, 0.25)
drawn("he_of", 0, np.sqrt(2 / 32))
drawn("lecun_of", 0, np.sqrt(1 / 32))
drawn("kernels_of", 0, np.sqrt(1 / 384), -0.08839, 0.08839)
case("orthogonal_of", lambda: jnp.eye(5))
case("orthogonal_wide", lambda: jnp.eye(4))


# ---- library: optimizers, each written out from its paper --------------------------------------------------------
def sgd(lr, momentum=0.0, decay=0.0, nesterov=False):
    def rule(p, g, s, t):
        g = g + decay * p
        s["v"] = momentum * s.get("v", 0) + g
        return p - lr * (g + momentum * s["v"] if nesterov else s["v"])
    return rule


def adam(lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    def rule(p, g, s, t):
        s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
        s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g * g
        return p - lr * (s["m"] / (1 - beta1**t) / (np.sqrt(s["v"] / (1 - beta2**t)) + eps) + decay * p)
    return rule


def rmsprop(lr, decay=0.9, eps=1e-8, momentum=0.0):
    def rule(p, g, s, t):
        s["s"] = decay * s.get("s", 0) + (1 - decay) * g * g
        s["v"] = momentum * s.get("v", 0) + g / (np.sqrt(s["s"]) + eps)
        return p - lr * s["v"]
    return rule


def adagrad(lr, eps=1e-10):
    def rule(p, g, s, t):
        s["s"] = s.get("s", 0) + g * g
        return p - lr * g / (np.sqrt(s["s"]) + eps)
    return rule


def optimizer(name, rule, steps=5, clip=np.inf):
    def new(x, y, w, b):
        states = {"w": {}, "b": {}}
        for t in range(1, steps + 1):
            dw, db = jax.grad(lambda w, b: jnp.mean((x @ w + b - y)**2), (0, 1))(w, b)
            scale = min(1, clip / (np.sqrt(jnp.sum(dw**2) + jnp.sum(db**2)) + 1e-6))
            dw, db = scale * dw, scale * db
            w, b = rule(w, dw, states["w"], t), rule(b, db, states["b"], t)
        return {"Line.out.w": w, "Line.out.b": b}
    case(name, None, new=new, runs=steps, x=f(5, 3), y=f(5, 2), Line__out__w=f(3, 2), Line__out__b=f(2))


optimizer("sgd_plain", sgd(0.1))
optimizer("sgd_momentum", sgd(0.1, 0.9, 0.01))
optimizer("sgd_nesterov", sgd(0.1, 0.9, nesterov=True))
optimizer("adam_of", adam(0.1, 0.8))
optimizer("adamw_of", adam(0.1, decay=0.1))
optimizer("rmsprop_of", rmsprop(0.05, momentum=0.5))
optimizer("adagrad_of", adagrad(0.1))
optimizer("clip_norm_of", sgd(0.1), clip=0.1)

def update(name, cases, wanted):
    path = HERE / f"{name}.txt"
    old = path.read_text().split("\n\n") if path.exists() and wanted else []
    known = {block.split("\n")[0].removeprefix("case "): block.strip("\n") for block in old if block.startswith("case ")}
    head = f"# Written by oracle.py with JAX {jax.__version__}; golden.h says what the lines mean."
    blocks = [known[c] if wanted and c not in wanted and c in known else "\n".join(cases[c]()) for c in cases]
    path.write_text("\n\n".join([head] + blocks) + "\n")


if __name__ == "__main__":
    for name, cases in GROUPS.items():
        update(name, cases, sys.argv[1:])
