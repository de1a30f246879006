"""Single kernels in PyTorch.  variants(asked) names the ways that compete; build(asked, variant) gives a function that
computes one result."""
import torch
from torch.nn import functional as F

LAYOUTS = {"channels last": torch.channels_last, "channels first": torch.contiguous_format}


def product(sizes, variant):
    lead = (sizes["batch"],) if sizes["batch"] > 1 else ()

    def operand(rows, columns, is_turned):
        return torch.randn(*lead, columns, rows).mT if is_turned else torch.randn(*lead, rows, columns)
    a, b = operand(sizes["m"], sizes["k"], sizes["turned_a"]), operand(sizes["k"], sizes["n"], sizes["turned_b"])
    if variant.get("result") == "new":
        return lambda: a @ b
    c = torch.empty(*lead, sizes["m"], sizes["n"])
    return lambda: torch.matmul(a, b, out=c)


def convolution(sizes, variant):
    def drawn(shape):
        return torch.randn(shape).contiguous(memory_format=LAYOUTS[variant["layout"]])
    x, w, y = (drawn(sizes[name]) for name in "xwy")
    stride, pad, groups, direction = (sizes[name] for name in ("stride", "pad", "groups", "direction"))
    if direction == "forward":
        return lambda: F.conv2d(x, w, None, stride, pad, 1, groups)
    wanted = [direction == "input", direction == "weight", False]
    return lambda: torch.ops.aten.convolution_backward(
        y, x, w, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups, wanted)


def softmax(_):
    x = torch.randn(4096, 1024)
    return lambda: F.softmax(x, -1)


def layer_norm_forward(_):
    x, gamma, beta = torch.randn(4096, 1024), torch.randn(1024), torch.randn(1024)
    return lambda: F.layer_norm(x, (1024,), gamma, beta)


def layer_norm_backward(_):
    x, gamma, beta, dy = torch.randn(4096, 1024), torch.randn(1024), torch.randn(1024), torch.randn(4096, 1024)
    _, mean, scale = torch.native_layer_norm(x, (1024,), gamma, beta, 1e-5)
    return lambda: torch.ops.aten.native_layer_norm_backward(dy, x, (1024,), mean, scale, gamma, beta, [True] * 3)


def gelu_chain(_):
    x = torch.randn(16 << 20)
    return lambda: F.gelu(x * 1.5 + 0.5) * x


def adam(variant):
    p = torch.nn.Parameter(torch.randn(10_000_000))
    p.grad = torch.randn(10_000_000)
    return torch.optim.Adam([p], **{variant["optimizer"]: True}).step


PASSES = {"softmax_4096x1024": softmax, "layer_norm_4096x1024_forward": layer_norm_forward,
          "layer_norm_4096x1024_backward": layer_norm_backward, "gelu_chain_16M": gelu_chain, "adam_10M": adam}


def variants(asked):
    if "convolution" in asked:
        return [{"layout": layout} for layout in LAYOUTS]
    if "product" in asked:
        return [{}, {"result": "new"}]
    return [{"optimizer": "fused"}, {"optimizer": "foreach"}] if asked["pass"] == "adam_10M" else [{}]


def build(asked, variant):
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    if "product" in asked:
        return product(asked["product"], variant)
    return convolution(asked["convolution"], variant) if "convolution" in asked else PASSES[asked["pass"]](variant)
