#!/usr/bin/env python3
"""The losses of tests/models/conv_pattern.dlm, computed apart from the compiler: numpy, in float64, every derivative
written out by hand.  usage: conv_digits.py DIGITS.BIN > conv_digits.txt
Needs numpy; the tests need only the numbers that it wrote, one mean loss per epoch."""
import sys

import numpy as np


def unpack(path):
    """The fields of a packed file (runtime/packed.h)."""
    data = open(path, "rb").read()
    header, at = data.split(b"\n\n", 1)[0].decode().split("\n"), data.index(b"\n\n") + 2
    fields = {}
    for line in header[1:]:
        name, _, bits, *extents = line.split()
        bits, extents = int(bits), [int(n) for n in extents]
        count = int(np.prod(extents))
        length = (count * bits + 7) // 8
        stream = np.unpackbits(np.frombuffer(data[at:at + length], np.uint8), bitorder="little")
        digits = stream[:count * bits].reshape(count, bits).astype(np.int64)
        fields[name] = (digits << np.arange(bits)).sum(1).reshape(extents)
        at += length
    return fields


def pattern(*shape):
    i = np.arange(np.prod(shape))
    return (((i * 37 + 11) % 101) / 101 - 0.5).reshape(shape)


def pad(x, by):
    return np.pad(x, ((0, 0), (0, 0), (by, by), (by, by)))


class Conv:
    def __init__(self, inputs, outputs, kernel, stride, padding, groups):
        self.w, self.b = pattern(outputs, inputs // groups, kernel, kernel), np.zeros(outputs)
        self.kernel, self.stride, self.padding, self.groups = kernel, stride, padding, groups

    def places(self, size):
        for i in range(self.kernel):
            for j in range(self.kernel):
                end = self.stride * (size - 1) + 1
                yield i, j, slice(i, i + end, self.stride), slice(j, j + end, self.stride)

    def forward(self, x):
        self.x = pad(x, self.padding)
        size = (self.x.shape[2] - self.kernel) // self.stride + 1
        self.size, y = size, 0
        self.out, self.inp = self.w.shape[0] // self.groups, self.w.shape[1]
        y = np.zeros((x.shape[0], self.w.shape[0], size, size))
        for g in range(self.groups):
            o, c = slice(g * self.out, (g + 1) * self.out), slice(g * self.inp, (g + 1) * self.inp)
            for i, j, rows, columns in self.places(size):
                y[:, o] += np.einsum("bchw,oc->bohw", self.x[:, c, rows, columns], self.w[o, :, i, j])
        return y + self.b[:, None, None]

    def backward(self, dy, rate):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for g in range(self.groups):
            o, c = slice(g * self.out, (g + 1) * self.out), slice(g * self.inp, (g + 1) * self.inp)
            for i, j, rows, columns in self.places(self.size):
                dw[o, :, i, j] = np.einsum("bohw,bchw->oc", dy[:, o], self.x[:, c, rows, columns])
                dx[:, c, rows, columns] += np.einsum("bohw,oc->bchw", dy[:, o], self.w[o, :, i, j])
        self.w -= rate * dw
        self.b -= rate * dy.sum((0, 2, 3))
        p = self.padding
        return dx[:, :, p:dx.shape[2] - p, p:dx.shape[3] - p]


class Relu:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, dy, rate):
        return dy * self.on


class MaxPool:
    """Windows of 3 at steps of 2, padded by 1; the first of equals gets the gradient."""

    def forward(self, x):
        self.shape, size = x.shape, (x.shape[2] + 2 - 3) // 2 + 1
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
        windows = [padded[:, :, i:i + 2 * size - 1:2, j:j + 2 * size - 1:2] for i in range(3) for j in range(3)]
        self.size, self.taken = size, np.argmax(np.stack(windows), 0)
        return np.max(np.stack(windows), 0)

    def backward(self, dy, rate):
        dx = np.zeros((self.shape[0], self.shape[1], self.shape[2] + 2, self.shape[3] + 2))
        for k in range(9):
            i, j, end = k // 3, k % 3, 2 * self.size - 1
            dx[:, :, i:i + end:2, j:j + end:2] += dy * (self.taken == k)
        return dx[:, :, 1:-1, 1:-1]


class AvgPool:
    """Windows of 2 at steps of 1."""

    def forward(self, x):
        return (x[:, :, :-1, :-1] + x[:, :, :-1, 1:] + x[:, :, 1:, :-1] + x[:, :, 1:, 1:]) / 4

    def backward(self, dy, rate):
        b, c, h, w = dy.shape
        dx = np.zeros((b, c, h + 1, w + 1))
        for i in range(2):
            for j in range(2):
                dx[:, :, i:i + h, j:j + w] += dy / 4
        return dx


class Head:
    def __init__(self, inputs, outputs):
        self.w, self.b = pattern(inputs, outputs), np.zeros(outputs)

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(x.shape[0], -1)
        return self.x @ self.w + self.b

    def backward(self, dy, rate):
        dx = (dy @ self.w.T).reshape(self.shape)
        self.w -= rate * self.x.T @ dy
        self.b -= rate * dy.sum(0)
        return dx


def main():
    fields = unpack(sys.argv[1])
    images, labels = fields["train-image"][:, None] / 16, fields["train-label"]
    net = [Conv(1, 6, 3, 1, 1, 1), Relu(), MaxPool(), Conv(6, 8, 3, 2, 1, 2), Relu(), AvgPool(), Head(8, 10)]
    for _ in range(2):
        losses, counts = [], []
        for start in range(0, len(images), 32):
            x, label = images[start:start + 32], labels[start:start + 32]
            for layer in net:
                x = layer.forward(x)
            x -= x.max(1, keepdims=True)
            log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
            counts.append(len(label))
            losses.append(-log_p[np.arange(len(label)), label].mean())
            dy = np.exp(log_p)
            dy[np.arange(len(label)), label] -= 1
            dy /= len(label)
            for layer in reversed(net):
                dy = layer.backward(dy, 1.0)
        print(f"{np.average(losses, weights=counts):.8f}")


main()
