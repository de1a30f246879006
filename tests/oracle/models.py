#!/usr/bin/env python3
"""The losses of tests/models/small/*.dlm, computed apart from the compiler with JAX in float64: the same weights, batches
and random numbers (draws.py), layers and optimizers from their papers (networks.py).
usage: models.py NAME > models/NAME.txt        one mean of each epoch's losses a line, then what is validated
Needs numpy and jax; the tests need only the numbers that it wrote."""
import sys

import jax
import jax.numpy as jnp
import numpy as np

import draws
from networks import *


def pictures(count, size, factor, modulus):
    return (np.arange(count * size * size) * factor % modulus).reshape(count, size, size).astype(float)


def epochs(count, records, batch, step):
    """Calls step(number from 1, first record, records) in the order of the data; the mean by record of each epoch."""
    number = 0
    for _ in range(count):
        total = 0.0
        for start in range(0, records, batch):
            number += 1
            size = min(batch, records - start)
            total += size * step(number, start, slice(start, start + size))
        print(f"{total / records:.9g}")


def vae():
    data, net, adam = pictures(18, 6, 37, 251).reshape(18, 36) / 255, Weights(), Adam(1e-3)

    def step(number, start, part):
        x = data[part]
        noise = draws.normal("step", (len(x), 3), seed=1, step=number, example0=start)

        def loss():
            h = jax.nn.relu(dense(net, "Vae.body", x, 9))
            mu, log_var = dense(net, "Vae.middle", h, 3), dense(net, "Vae.spread", h, 3)
            z = mu + jnp.exp(log_var / 2) * noise
            pixels = dense(net, "Vae.pixels", jax.nn.relu(dense(net, "Vae.back", z, 9)), 36)
            divergence = 0.5 * (mu**2 + jnp.exp(log_var) - 1 - log_var)
            return (bce_logits(pixels, x).sum(1) + divergence.sum(1)).mean()

        value, g = gradients(net, loss)
        net.params = adam.update(net.params, g)
        return value

    epochs(10, 18, 10, step)


def residual(net, path, x, outputs, stride=1):
    y = conv(net, path + ".conv2d_1", x, outputs, 3, stride, 1, bias=False)
    y = jax.nn.relu(batch_norm(net, path + ".batch_norm_1", y))
    y = batch_norm(net, path + ".batch_norm_2", conv(net, path + ".conv2d_2", y, outputs, 3, 1, 1, bias=False))
    if x.shape[1] != outputs or stride != 1:
        x = conv(net, path + ".conv2d_3", x, outputs, 1, stride, 0, bias=False)
        x = batch_norm(net, path + ".batch_norm_3", x)
    return jax.nn.relu(y + x)


def resnet():
    data, label = pictures(12, 9, 37, 251)[:, None] / 255, np.arange(12) * 7 % 10
    net, rule = Weights(), Momentum(0.05, 0.9, 5e-4)

    def logits(x):
        h = conv(net, "ResNet.conv2d_1", x, 4, 3, 1, 1, bias=False)
        h = jax.nn.relu(batch_norm(net, "ResNet.batch_norm_1", h))
        for copy, (outputs, stride) in enumerate([(4, 1), (6, 2), (8, 2)]):
            h = residual(net, f"ResNet.residual_1.{copy}", h, outputs, stride)
            h = residual(net, f"ResNet.residual_2.{copy}", h, outputs)
        return dense(net, "ResNet.dense_1", h.mean((2, 3)), 10)

    def step(number, start, part):
        value, g = gradients(net, lambda: cross_entropy(logits(data[part]), label[part]).mean())
        net.params = rule.update(net.params, g)
        return value

    epochs(10, 12, 6, step)
    net.training = False
    print(f"{cross_entropy(logits(data), label).mean():.9g}")


def gan():
    data, net = pictures(12, 12, 37, 251)[:, None] / 127.5 - 1, Weights()
    generator_rule, critic_rule = Adam(2e-4, beta1=0.5), Adam(2e-4, beta1=0.5)

    def generate(z):
        h = dense(net, "Generator.dense_1", z, 6 * 3 * 3).reshape(-1, 6, 3, 3)
        h = jax.nn.relu(batch_norm(net, "Generator.batch_norm_1", h))
        h = conv_transpose(net, "Generator.conv_transpose2d_1", h, 4, 4, 2, 1)
        h = jax.nn.relu(batch_norm(net, "Generator.batch_norm_2", h))
        return jnp.tanh(conv_transpose(net, "Generator.conv_transpose2d_2", h, 1, 4, 2, 1))

    def judge(x):
        h = jax.nn.leaky_relu(conv(net, "Critic.conv2d_1", x, 4, 4, 2, 1), 0.2)
        h = batch_norm(net, "Critic.batch_norm_1", conv(net, "Critic.conv2d_2", h, 6, 4, 2, 1))
        return dense(net, "Critic.dense_1", jax.nn.leaky_relu(h, 0.2).reshape(len(x), -1), 1)[:, 0]

    def step(number, start, part):
        real = data[part]
        noise = draws.normal("step", (len(real), 5), seed=7, step=number, example0=start)
        before = dict(net.states)
        fake = generate(noise)
        net.states = dict(before)
        first, g = gradients(
            net, lambda: bce_logits(judge(real), 1.0).mean() + bce_logits(judge(fake), 0.0).mean(), "Critic")
        net.params = critic_rule.update(net.params, g)
        # the generator runs once in a step: here again for its gradient
        second, g = gradients(net, lambda: bce_logits(judge(generate(noise)), 1.0).mean(), "Generator")
        net.params = generator_rule.update(net.params, g)
        return first + second

    epochs(10, 12, 6, step)


def gpt():
    tokens, width, heads, depth, length = np.arange(12 * 8 + 1) ** 2 * 7 % 11, 8, 2, 2, 8
    x, following = tokens[:-1].reshape(12, length), tokens[1:].reshape(12, length)
    net, rule = Weights(), Adam(1e-3, beta2=0.99, decay=0.1)

    def attention(path, h):
        b, t, e = h.shape
        q, k, v = jnp.moveaxis(dense(net, path + ".dense_1", h, 3 * e, bias=False).reshape(b, t, 3, heads, -1), 2, 0)
        score = jnp.einsum("bthd,bshd->bhts", q, k) / np.sqrt(e / heads)
        score = jnp.where(np.tril(np.ones((t, t), bool)), score, -jnp.inf)
        mixed = jnp.einsum("bhts,bshd->bthd", jax.nn.softmax(score), v).reshape(b, t, e)
        return dense(net, path + ".dense_2", mixed, e, bias=False)

    def block(path, h):
        h = h + attention(path + ".attention_1", layer_norm(net, path + ".layer_norm_1", h))
        inner = gelu(dense(net, path + ".dense_1", layer_norm(net, path + ".layer_norm_2", h), 4 * width))
        return h + dense(net, path + ".dense_2", inner, width)

    def logits(x):
        wte = net.param("Gpt.wte", lambda at: draws.normal(at, (11, width), 0, 0.02))
        wpe = net.param("Gpt.wpe", lambda at: draws.normal(at, (length, width), 0, 0.02))
        h = wte[x] + wpe
        for copy in range(depth):
            h = block(f"Gpt.stack_1.{copy}", h)
        return layer_norm(net, "Gpt.layer_norm_1", h) @ wte.T

    def step(number, start, part):
        value, g = gradients(net, lambda: cross_entropy(logits(x[part]), following[part]).mean())
        net.params = rule.update(net.params, clip_norm(g, 1.0), cosine(number, 20, 1e-3, 5, 1e-4))
        return value

    epochs(10, 12, 6, step)
    print(f"{cross_entropy(logits(x), following).mean():.9g}")


def shifted(x, rows, columns):
    """Picture b moved so that its element (i, j) is the old (i + rows[b], j + columns[b])."""
    moved, size = np.zeros_like(x), x.shape[-1]
    for b in range(len(x)):
        for i in range(size):
            for j in range(size):
                if 0 <= i + rows[b] < size and 0 <= j + columns[b] < size:
                    moved[b, :, i, j] = x[b, :, i + rows[b], j + columns[b]]
    return moved


def mnist():
    data, label = pictures(18, 12, 37, 251)[:, None] / 255, np.arange(18) * 7 % 10
    net, rule = Weights(), Adam(decay=1e-2)

    def stage(path, x, outputs):
        h = conv(net, path + ".conv2d_1", x, outputs, 3, 1, 1)
        return max_pool(jax.nn.relu(batch_norm(net, path + ".batch_norm_1", h)), 2)

    def logits(x, drop=None):
        h = stage("LeNet.stage_2", stage("LeNet.stage_1", x, 4), 6).reshape(len(x), -1)
        if drop is not None:
            h = jnp.where(drop < 0.5, 0, h / 0.5)
        return dense(net, "LeNet.dense_2", jax.nn.relu(dense(net, "LeNet.dense_1", h, 16)), 10)

    def step(number, start, part):
        x, drawn = data[part], dict(seed=1, step=number, example0=start)
        rows, columns = (draws.randint(f"step.random_shift#1randint#{k}", 5, (len(x),), **drawn) - 2 for k in (1, 2))
        drop = draws.uniform01("step.LeNet#1.dropout#1uniform01#1", (len(x), 54), **drawn)
        x = shifted(x, rows, columns)
        value, g = gradients(net, lambda: cross_entropy(logits(x, drop), label[part]).mean())
        net.params = rule.update(net.params, g, cosine(number, 20, 1e-3, 5))
        return value

    epochs(10, 18, 10, step)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
