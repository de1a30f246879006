"""The training steps in PyTorch.  build(name, variant) gives a function that makes one step and returns its loss."""
import math

import torch
from torch import nn
from torch.nn import functional as F

CHARACTERS = 65


class Squash(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def perceptron(*widths):
    layers = []
    for wide, narrow in zip(widths, widths[1:]):
        layers += [nn.Linear(wide, narrow), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def lenet():
    def block(channels, out):
        return [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*block(1, 32), *block(32, 64), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 49, 128), nn.ReLU(),
                         nn.Linear(128, 10))


class Residual(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.shortcut = nn.Identity() if channels == out and stride == 1 else nn.Sequential(
            nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    for channels, out, stride in ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)):
        layers += [Residual(channels, out, stride), Residual(out, out, 1)]
    return nn.Sequential(*layers, Squash(lambda x: x.mean((2, 3))), nn.Linear(512, 10))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding = nn.Embedding(CHARACTERS, 256)
        self.cells = kind(256, 256, batch_first=True)
        self.head = nn.Linear(256, CHARACTERS)

    def forward(self, ids):
        return self.head(self.cells(self.embedding(ids))[0])


class Block(nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attention(self, x, mask):
        batch, length, width = x.shape
        parts = self.qkv(x).reshape(batch, length, 3, self.heads, width // self.heads)
        q, k, v = (part.transpose(1, 2) for part in parts.unbind(2))
        if self.fused:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            mixed = F.softmax(q @ k.mT / math.sqrt(width // self.heads) + mask, -1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x, mask):
        x = x + self.attention(self.norm1(x), mask)
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, depth, width, heads, context, fused):
        super().__init__()
        self.token = nn.Parameter(torch.randn(CHARACTERS, width) * 0.02)
        self.position = nn.Parameter(torch.randn(context, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, fused) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("mask", torch.full((context, context), -math.inf).triu(1))

    def forward(self, ids):
        h = F.embedding(ids, self.token) + self.position
        for block in self.blocks:
            h = block(h, self.mask)
        return F.linear(self.norm(h), self.token)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.middle, self.spread = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.back, self.pixels = nn.Linear(20, 400), nn.Linear(400, 784)

    def loss(self, x):
        h = F.relu(self.body(x))
        mu, log_var = self.middle(h), self.spread(h)
        z = mu + torch.randn_like(mu) * torch.exp(log_var / 2)
        picture = self.pixels(F.relu(self.back(z)))
        reconstruction = F.binary_cross_entropy_with_logits(picture, x, reduction="sum")
        return (reconstruction - 0.5 * (1 + log_var - mu.square() - log_var.exp()).sum()) / len(x)


class Ratings(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(count, width, sparse=sparse)
                                    for width in (64, 1) for count in (100_000, 20_000))
        for table, std in zip(self.tables, (0.05, 0.05, 0, 0)):
            nn.init.normal_(table.weight, std=std)

    def forward(self, user, item):
        u, v, user_bias, item_bias = (table(ids) for table, ids in zip(self.tables, (user, item, user, item)))
        return (u * v).sum(1) + user_bias[:, 0] + item_bias[:, 0]


def optimizer(kind, weights, variant, **settings):
    """One that updates all weights at once: in one pass (fused), or operation by operation (foreach)."""
    return kind(weights, **{variant.get("optimizer", "fused"): True}, **settings)


def trained(weights, loss, update, clip=None):
    weights = list(weights)

    def step():
        update.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(weights, clip)
        update.step()
        return value
    return step


def classifier(model, x, classes, update, clip=None):
    """Cross entropy against labels that are drawn once, one for each of the model's outputs."""
    with torch.no_grad():
        label = torch.randint(classes, model(x).shape[:-1])
    return trained(model.parameters(),
                   lambda: F.cross_entropy(model(x).flatten(0, -2), label.flatten()), update, clip)


def dcgan(variant):
    generator = nn.Sequential(
        nn.Linear(64, 6272), nn.BatchNorm1d(6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh())
    critic = nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(6272, 1))
    real = torch.rand(64, 1, 28, 28) * 2 - 1
    yes, no = torch.ones(64, 1), torch.zeros(64, 1)
    entropy = F.binary_cross_entropy_with_logits

    def fake():
        with torch.no_grad():
            return generator(torch.randn(64, 64))
    settings = {"lr": 2e-4, "betas": (0.5, 0.999)}
    learn = trained(critic.parameters(), lambda: entropy(critic(real), yes) + entropy(critic(fake()), no),
                    optimizer(torch.optim.Adam, critic.parameters(), variant, **settings))
    cheat = trained(generator.parameters(), lambda: entropy(critic(generator(torch.randn(64, 64))), yes),
                    optimizer(torch.optim.Adam, generator.parameters(), variant, **settings))

    def step():
        learn()
        critic.requires_grad_(False)
        value = cheat()
        critic.requires_grad_(True)
        return value
    return step


def recsys(variant, sparse):
    model = Ratings(sparse)
    update = torch.optim.SGD(model.parameters(), lr=0.05) if sparse else \
        optimizer(torch.optim.Adam, model.parameters(), variant, lr=1e-3)
    user, item, rating = torch.randint(100_000, (1024,)), torch.randint(20_000, (1024,)), torch.rand(1024) * 5
    return trained(model.parameters(), lambda: F.mse_loss(model(user, item), rating), update)


def pictures(model, x, variant, kind, **settings):
    if variant.get("channels_last"):
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    return classifier(model, x, 10, optimizer(kind, model.parameters(), variant, **settings))


def simple(model, x, variant, classes=10, clip=None):
    return classifier(model, x, classes, optimizer(torch.optim.Adam, model.parameters(), variant, lr=1e-3), clip)


def gpt(variant, depth, width, heads, context, batch):
    model = Gpt(depth, width, heads, context, variant.get("attention") == "fused")
    update = optimizer(torch.optim.AdamW, model.parameters(), variant, lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
    return classifier(model, torch.randint(CHARACTERS, (batch, context)), CHARACTERS, update, 1.0)


def vae(variant):
    model, x = Vae(), torch.rand(128, 784)
    return trained(model.parameters(), lambda: model.loss(x), optimizer(torch.optim.Adam, model.parameters(), variant, lr=1e-3))


BUILDERS = {
    "digits_mlp": lambda v: simple(perceptron(64, 64, 10), torch.rand(32, 64), v),
    "mlp": lambda v: simple(perceptron(784, 512, 512, 10), torch.rand(64, 784), v),
    "lenet": lambda v: pictures(lenet(), torch.rand(64, 1, 28, 28), v, torch.optim.AdamW, lr=1e-3, weight_decay=0.01),
    "resnet18_cifar": lambda v: pictures(resnet18(), torch.rand(32, 3, 32, 32), v, torch.optim.SGD, lr=0.1, momentum=0.9,
                                         weight_decay=5e-4),
    "vae": vae,
    "dcgan": dcgan,
    "lstm_lm": lambda v: simple(Recurrent(nn.LSTM), torch.randint(CHARACTERS, (32, 64)), v, CHARACTERS, 1.0),
    "gru_lm": lambda v: simple(Recurrent(nn.GRU), torch.randint(CHARACTERS, (32, 64)), v, CHARACTERS, 1.0),
    "gpt": lambda v: gpt(v, 4, 128, 4, 64, 12),
    "gpt_mid": lambda v: gpt(v, 6, 384, 6, 256, 4),
    "recsys_adam": lambda v: recsys(v, False),
    "recsys_sgd_sparse": lambda v: recsys(v, True),
}

CHANNELS = [{"channels_last": True}]
VARIANTS = {
    "lenet": CHANNELS, "resnet18_cifar": CHANNELS,
    "lstm_lm": [{}, {"optimizer": "foreach"}],
    "gpt": [{"attention": "fused"}, {"attention": "written out"}],
    "gpt_mid": [{"attention": "fused"}],
}


def variants(name):
    return VARIANTS.get(name, [{}])


def build(name, variant):
    torch.manual_seed(0)
    return BUILDERS[name](variant)
