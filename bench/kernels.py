"""Single kernels as rows: a table of shapes, and the program that each shape makes.

Such a program draws its operands, and its step writes results into states that are there already, as training writes
weights; what it prints afterwards keeps the results in use."""
import csv
import math
import os
import pathlib

from row import Row

MOST_FLOPS, MOST_BYTES = 8e9, 1 << 28  # of a row of DeepBench


def shape(extents):
    return ", ".join(str(extent) for extent in extents)


def program(operands, results, body):
    """operands and results: extents by name; body: lines of the step."""
    lines = [f"let {name} = normal[{shape(extents)}]" for name, extents in operands.items()]
    lines += [f"state {name}: f32[{shape(extents)}] ~ zeros" for name, extents in results.items()]
    lines += ["", "train {", "  steps = 1", "  step () {", *[f"    {line}" for line in body], "  }", "}"]
    lines += [f"print(mean({name}))" for name in results]
    return "\n".join(lines) + "\n"


# ---- products ---------------------------------------------------------------------------------------------------------------

def product(m, n, k, turned_a=False, turned_b=False, batch=1, group="products"):
    """c[m, n] = a[m, k] @ b[k, n]; a turned operand lies in memory the other way round."""
    lead = (batch,) if batch > 1 else ()
    a, b = lead + ((k, m) if turned_a else (m, k)), lead + ((n, k) if turned_b else (k, n))
    body = f"c = {'transpose(a)' if turned_a else 'a'} @ {'transpose(b)' if turned_b else 'b'}"
    name = f"product_{f'{batch}x' if lead else ''}{m}x{n}x{k}{'_ta' * turned_a}{'_tb' * turned_b}"
    asked = {"m": m, "n": n, "k": k, "turned_a": turned_a, "turned_b": turned_b, "batch": batch}
    return Row(name, group, 2 * batch * m * n * k, text=program({"a": a, "b": b}, {"c": lead + (m, n)}, [body]),
               asked={"product": asked})


PRODUCTS = [product(*sizes) for sizes in (
    (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
    (64, 10, 512), (64, 512, 784), (6, 12544, 147), (64, 12544, 147))] + [product(64, 64, 32, batch=48)]


# ---- convolutions -----------------------------------------------------------------------------------------------------------

DIRECTIONS = ("forward", "input", "weight")  # the result, or the gradient of an operand


def convolution(n, c, height, width, k, r, s, stride=1, pad=0, groups=1, directions=DIRECTIONS, group="convolutions"):
    """n pictures, c channels, k kernels r high and s wide; one row for each direction."""
    out = tuple((size + 2 * pad - window) // stride + 1 for size, window in ((height, r), (width, s)))
    sizes = {"x": (n, c, height, width), "w": (k, c // groups, r, s), "y": (n, k, *out)}
    call = f"convolution[stride={stride}, pad={pad}, groups={groups}](x, w)"
    name = f"conv_n{n}c{c}h{height}w{width}k{k}r{r}s{s}" + f"_by{stride}" * (stride > 1) + f"_groups{groups}" * (groups > 1) + \
        f"_pad{pad}" * (pad > 0)
    flops = 2 * n * k * (c // groups) * r * s * out[0] * out[1]
    for direction in directions:
        if direction == "forward":
            text = program({"x": sizes["x"], "w": sizes["w"]}, {"y": sizes["y"]}, [f"y = {call}"])
        else:
            operand = "x" if direction == "input" else "w"
            text = program({"x": sizes["x"], "w": sizes["w"], "dy": sizes["y"]}, {f"d{operand}": sizes[operand]},
                           [f"d{operand} = grad(sum({call} * dy), {operand})"])
        asked = {**sizes, "stride": stride, "pad": pad, "groups": groups, "direction": direction}
        yield Row(f"{name}_{direction}", group, flops, text=text, asked={"convolution": asked})


CONVOLUTIONS = [
    *convolution(32, 64, 32, 32, 64, 3, 3, pad=1), *convolution(32, 256, 8, 8, 256, 3, 3, pad=1),
    *convolution(8, 3, 224, 224, 64, 7, 7, stride=2, pad=3), *convolution(32, 128, 28, 28, 128, 3, 3, pad=1, groups=128)]


# ---- passes over memory -------------------------------------------------------------------------------------------------------

def passes(name, arrays, operands, results, body, before=""):
    """`arrays` floats go through memory at least."""
    return Row(name, "passes", checked=0, moved=4 * arrays, text=before + program(operands, results, body), asked={"pass": name})


TABLE, LONG, TALL = (4096, 1024), (16 << 20,), (10_000_000,)
CELLS = TABLE[0] * TABLE[1]

PASSES = [
    passes("softmax_4096x1024", 2 * CELLS, {"x": TABLE}, {"y": TABLE}, ["y = softmax(x)"]),
    passes("layer_norm_4096x1024_forward", 2 * CELLS, {"x": TABLE}, {"y": TABLE}, ["y = norm(x)"], "let norm = LayerNorm\n"),
    passes("layer_norm_4096x1024_backward", 3 * CELLS, {"x": TABLE, "dy": TABLE},
           {"dx": TABLE, "dgamma": TABLE[1:], "dbeta": TABLE[1:]},
           ["let y = sum(norm(x) * dy)", "dx = grad(y, x)", "dgamma = grad(y, norm.gamma)", "dbeta = grad(y, norm.beta)"],
           "let norm = LayerNorm\n"),
    passes("gelu_chain_16M", 2 * LONG[0], {"x": LONG}, {"y": LONG}, ["y = gelu(1.5 * x + 0.5) * x"]),
    passes("adam_10M", 7 * TALL[0], {"g": TALL}, {"p": TALL, "m": TALL, "v": TALL},
           ["m = 0.9 * m + 0.1 * g", "v = 0.999 * v + 0.001 * g**2", "let right = sqrt(1 - 0.999**t)",
            "p = p - 1e-3 * (right / (1 - 0.9**t)) * m / (sqrt(v) + 1e-8 * right)"]),
]


# ---- DeepBench ----------------------------------------------------------------------------------------------------------------

def deepbench_table(name):
    """The records of a table of DeepBench, each once; none where DLC_DATA does not lead to it."""
    path = pathlib.Path(os.environ.get("DLC_DATA") or "/nonexistent") / "deepbench" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: value for key, value in record.items() if key != "set"} for record in csv.DictReader(file)]


def deepbench_products():
    for record in deepbench_table("gemm"):
        m, n, k = (int(record[key]) for key in "mnk")
        # its matrices lie column by column: row by row they are the turned product, operands exchanged
        yield product(n, m, k, record["b_t"] == "true", record["a_t"] == "true", group="deepbench_products")


def deepbench_convolutions():
    for record in deepbench_table("conv"):
        v = {key: int(value) for key, value in record.items()}
        if v["pad_w"] == v["pad_h"] and v["wstride"] == v["hstride"]:
            yield from convolution(v["n"], v["c"], v["h"], v["w"], v["k"], v["r"], v["s"], v["wstride"], v["pad_w"],
                                   group="deepbench_convolutions")


def bytes_of(row):
    """Of the operands and the result."""
    if "product" in row.asked:
        p = row.asked["product"]
        return 4 * (p["m"] * p["k"] + p["k"] * p["n"] + p["m"] * p["n"])
    p = row.asked["convolution"]
    return 4 * sum(math.prod(p[name]) for name in "xwy")


def deepbench():
    """Those that take no more than a fair share of a desk machine, each once."""
    rows = {row.name: row for row in (*deepbench_products(), *deepbench_convolutions())}
    return [row for row in rows.values() if row.flops <= MOST_FLOPS and bytes_of(row) <= MOST_BYTES]
