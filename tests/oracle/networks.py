"""Layers, losses and optimizers for the oracle of whole models, written from their papers with JAX in float64, apart from
stdlib/.  Weights are made where a layer first asks for them, with the draws that the program would make."""
import jax
import jax.numpy as jnp
import numpy as np

import draws

jax.config.update("jax_enable_x64", True)


class Weights:
    """The weights and states of a program by path."""

    def __init__(self):
        self.params, self.states, self.training = {}, {}, True

    def param(self, path, make):
        if path not in self.params:
            self.params[path] = jnp.asarray(make(path))
        return self.params[path]

    def state(self, path, value):
        return self.states.setdefault(path, jnp.asarray(value))


def dense(net, path, x, outputs, bias=True):
    w = net.param(path + ".w", lambda at: draws.glorot(at, (x.shape[-1], outputs)))
    y = x @ w
    return y + net.param(path + ".b", lambda at: np.zeros(outputs)) if bias else y


def conv(net, path, x, outputs, kernel, stride=1, pad=0, bias=True):
    w = net.param(path + ".w", lambda at: draws.kernels(at, (outputs, x.shape[1], kernel, kernel)))
    y = jax.lax.conv_general_dilated(x, w, (stride, stride), [(pad, pad)] * 2,
                                     dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return y + net.param(path + ".b", lambda at: np.zeros(outputs))[:, None, None] if bias else y


def conv_transpose(net, path, x, outputs, kernel, stride, pad):
    """Every element lays down a weighted kernel: the gradient of a convolution by its input."""
    w = net.param(path + ".w", lambda at: draws.kernels(at, (x.shape[1], outputs, kernel, kernel)))
    size = [(n - 1) * stride + kernel - 2 * pad for n in x.shape[2:]]

    def forward(picture):
        return jax.lax.conv_general_dilated(picture, w, (stride, stride), [(pad, pad)] * 2,
                                            dimension_numbers=("NCHW", "OIHW", "NCHW"))

    y = jax.linear_transpose(forward, jnp.zeros((x.shape[0], outputs, *size)))(x)[0]
    return y + net.param(path + ".b", lambda at: np.zeros(outputs))[:, None, None]


def batch_norm(net, path, x, eps=1e-5, momentum=0.1):
    """Ioffe and Szegedy 2015: biased variance for the batch, unbiased for the running one."""
    axes, shape = (0, *range(2, x.ndim)), (-1, *[1] * (x.ndim - 2))
    gamma = net.param(path + ".gamma", lambda at: np.ones(x.shape[1])).reshape(shape)
    beta = net.param(path + ".beta", lambda at: np.zeros(x.shape[1])).reshape(shape)
    mean, var = net.state(path + ".mean", np.zeros(x.shape[1])), net.state(path + ".var", np.ones(x.shape[1]))
    if net.training:
        count = x.size // x.shape[1]
        m, v = x.mean(axes), x.var(axes)
        net.states[path + ".mean"] = (1 - momentum) * mean + momentum * m
        net.states[path + ".var"] = (1 - momentum) * var + momentum * v * count / (count - 1)
        mean, var = m, v
    return (x - mean.reshape(shape)) / jnp.sqrt(var.reshape(shape) + eps) * gamma + beta


def layer_norm(net, path, x, eps=1e-5):
    """Ba, Kiros and Hinton 2016, over the last axis."""
    gamma = net.param(path + ".gamma", lambda at: np.ones(x.shape[-1]))
    beta = net.param(path + ".beta", lambda at: np.zeros(x.shape[-1]))
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + eps) * gamma + beta


def max_pool(x, n):
    b, c, h, w = x.shape
    return x.reshape(b, c, h // n, n, w // n, n).max((3, 5))


def gelu(x):
    return 0.5 * x * (1 + jax.scipy.special.erf(x / np.sqrt(2)))


def cross_entropy(logits, label):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), label[..., None], -1)[..., 0]


def bce_logits(x, y):
    """-y log s - (1 - y) log(1 - s), s the sigmoid of x."""
    return -(y * jax.nn.log_sigmoid(x) + (1 - y) * jax.nn.log_sigmoid(-x))


def clip_norm(gradients, limit):
    """Pascanu et al. 2013: all gradients together no longer than `limit`."""
    norm = jnp.sqrt(sum((g**2).sum() for g in gradients.values()))
    return {path: g * jnp.minimum(1, limit / (norm + 1e-6)) for path, g in gradients.items()}


def cosine(t, total, peak, warmup=0, floor=0.0):
    if t < warmup:
        return peak * t / warmup
    return floor + 0.5 * (peak - floor) * (1 + np.cos(np.pi * min((t - warmup) / max(total - warmup, 1), 1)))


class Adam:
    """Kingma and Ba 2015; with decay as Loshchilov and Hutter 2019."""

    def __init__(self, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
        self.lr, self.beta1, self.beta2, self.eps, self.decay = lr, beta1, beta2, eps, decay
        self.m, self.v, self.t = {}, {}, 0

    def update(self, params, gradients, lr=None):
        self.t, lr, new = self.t + 1, lr or self.lr, dict(params)
        for path, g in gradients.items():
            self.m[path] = self.beta1 * self.m.get(path, 0) + (1 - self.beta1) * g
            self.v[path] = self.beta2 * self.v.get(path, 0) + (1 - self.beta2) * g**2
            mean, var = self.m[path] / (1 - self.beta1**self.t), self.v[path] / (1 - self.beta2**self.t)
            new[path] = params[path] - lr * (mean / (jnp.sqrt(var) + self.eps) + self.decay * params[path])
        return new


class Momentum:
    """Polyak 1964, with weight decay added to the gradient."""

    def __init__(self, lr, momentum, decay):
        self.lr, self.momentum, self.decay, self.v = lr, momentum, decay, {}

    def update(self, params, gradients):
        new = dict(params)
        for path, g in gradients.items():
            self.v[path] = self.momentum * self.v.get(path, 0) + g + self.decay * params[path]
            new[path] = params[path] - self.lr * self.v[path]
        return new


def gradients(net, loss, over=""):
    """The loss, and its gradient by the weights whose paths begin with `over`.  `loss` runs the net; states move as it
    says, once."""
    before = dict(net.states)
    loss()  # makes the weights

    def run(part):
        kept, net.params, net.states = net.params, net.params | part, dict(before)
        value = loss()
        after, net.params, net.states = net.states, kept, dict(before)
        return value, after

    part = {path: w for path, w in net.params.items() if path.startswith(over)}
    (value, net.states), result = jax.value_and_grad(run, has_aux=True)(part)
    return float(value), result
