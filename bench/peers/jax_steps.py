"""The training steps in JAX: one jitted function a step, its state given away (donated), pictures as NHWC.
build(name, variant) gives a function that makes one step and returns its loss."""
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

CHARACTERS = 65
source = np.random.default_rng(0)


# ---- parts --------------------------------------------------------------------------------------------------------------

def uniform(*shape, low=0.0, high=1.0):
    return jnp.asarray(source.uniform(low, high, shape), jnp.float32)


def draws(count, *shape):
    return jnp.asarray(source.integers(0, count, shape), jnp.int32)


def weights(*shape, inputs=None):
    reach = (inputs or np.prod(shape[:-1])) ** -0.5
    return uniform(*shape, low=-reach, high=reach)


def dense_weights(inputs, outputs):
    return {"w": weights(inputs, outputs), "b": jnp.zeros(outputs)}


def dense(p, x):
    return x @ p["w"] + p["b"]


def norm_weights(width):
    return {"scale": jnp.ones(width), "shift": jnp.zeros(width)}


def running(width):
    return {"mean": jnp.zeros(width), "variance": jnp.ones(width)}


def batch_norm(p, s, x):
    """The result, and the moved running statistics."""
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axes)
    variance = jnp.square(x).mean(axes) - jnp.square(mean)
    count = x.size // x.shape[-1]
    moved = {"mean": 0.9 * s["mean"] + 0.1 * mean, "variance": 0.9 * s["variance"] + 0.1 * variance * count / (count - 1)}
    return (x - mean) * (p["scale"] * lax.rsqrt(variance + 1e-5)) + p["shift"], moved


def layer_norm(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5) * p["scale"] + p["shift"]


def convolution(x, w, stride=1, pad=1, spread=1):
    return lax.conv_general_dilated(x, w, (stride, stride), ((pad, pad), (pad, pad)), lhs_dilation=(spread, spread),
                                    dimension_numbers=("NHWC", "HWIO", "NHWC"))


def max_pool(x):
    n, height, width, channels = x.shape
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))


def cross_entropy(logits, label):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), label[..., None], -1).mean()


def binary_entropy(x, y):
    return jnp.maximum(x, 0) - x * y + jnp.log1p(jnp.exp(-jnp.abs(x)))


# ---- optimizers: (slots, update) -------------------------------------------------------------------------------------------

def adam(lr=1e-3, beta1=0.9, beta2=0.999, decay=0.0):
    def slots(p):
        return jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.zeros((), jnp.int32)

    def update(p, g, old):
        count = old[2] + 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, old[0], g)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, old[1], g)
        unbias1, unbias2 = 1 - beta1 ** count.astype(jnp.float32), 1 - beta2 ** count.astype(jnp.float32)
        def one(p, m, v):
            return p * (1 - lr * decay) - lr * (m / unbias1) / (jnp.sqrt(v / unbias2) + 1e-8)
        return jax.tree.map(one, p, m, v), (m, v, count)
    return slots, update


def momentum(lr, beta, decay):
    def update(p, g, old):
        new = jax.tree.map(lambda v, g, p: beta * v + g + decay * p, old, g, p)
        return jax.tree.map(lambda p, v: p - lr * v, p, new), new
    return functools.partial(jax.tree.map, jnp.zeros_like), update


def clipped(g):
    norm = jnp.sqrt(sum(jnp.vdot(leaf, leaf) for leaf in jax.tree.leaves(g)))
    return jax.tree.map(lambda leaf: leaf * jnp.minimum(1, 1 / (norm + 1e-6)), g)


# ---- networks: loss(p, statistics, key, data) gives the loss and the moved statistics ---------------------------------------------

def perceptron(*widths):
    p = [dense_weights(*pair) for pair in zip(widths, widths[1:])]

    def loss(p, s, key, data):
        x = data[0]
        for layer in p[:-1]:
            x = jax.nn.relu(dense(layer, x))
        return cross_entropy(dense(p[-1], x), data[1]), s
    return p, (), loss


def lenet():
    p = {"k1": weights(3, 3, 1, 32), "b1": jnp.zeros(32), "n1": norm_weights(32), "k2": weights(3, 3, 32, 64), "b2": jnp.zeros(64),
         "n2": norm_weights(64), "d1": dense_weights(64 * 49, 128), "d2": dense_weights(128, 10)}

    def loss(p, s, key, data):
        x, moved = data[0], {}
        for i in "12":
            x, moved["n" + i] = batch_norm(p["n" + i], s["n" + i], convolution(x, p["k" + i]) + p["b" + i])
            x = max_pool(jax.nn.relu(x))
        x = x.reshape(len(x), -1)
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), 2 * x, 0)
        return cross_entropy(dense(p["d2"], jax.nn.relu(dense(p["d1"], x))), data[1]), moved
    return p, {"n1": running(32), "n2": running(64)}, loss


def resnet18():
    plan = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    p = {"stem": weights(3, 3, 3, 64), "norm": norm_weights(64), "head": dense_weights(512, 10), "blocks": []}
    s = {"norm": running(64), "blocks": []}
    for channels, out, stride in plan:
        p["blocks"].append({"k1": weights(3, 3, channels, out), "n1": norm_weights(out),
                            "k2": weights(3, 3, out, out), "n2": norm_weights(out)})
        s["blocks"].append({"n1": running(out), "n2": running(out)})
        if (channels, stride) != (out, 1):
            p["blocks"][-1] |= {"k3": weights(1, 1, channels, out), "n3": norm_weights(out)}
            s["blocks"][-1]["n3"] = running(out)

    def block(p, s, x, stride):
        moved = {}
        y, moved["n1"] = batch_norm(p["n1"], s["n1"], convolution(x, p["k1"], stride))
        y, moved["n2"] = batch_norm(p["n2"], s["n2"], convolution(jax.nn.relu(y), p["k2"]))
        if "k3" in p:
            x, moved["n3"] = batch_norm(p["n3"], s["n3"], convolution(x, p["k3"], stride, 0))
        return jax.nn.relu(x + y), moved

    def loss(p, s, key, data):
        moved = {"blocks": []}
        x, moved["norm"] = batch_norm(p["norm"], s["norm"], convolution(data[0], p["stem"]))
        x = jax.nn.relu(x)
        for weight, state, (_, _, stride) in zip(p["blocks"], s["blocks"], plan):
            x, new = block(weight, state, x, stride)
            moved["blocks"].append(new)
        return cross_entropy(dense(p["head"], x.mean((1, 2))), data[1]), moved
    return p, s, loss


def lstm_cell(p, state, x):
    h, c = state
    i, f, g, o = jnp.split(x + p["bh"] + h @ p["wh"], 4, -1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def gru_cell(p, state, x):
    h, = state
    (xr, xz, xn), (hr, hz, hn) = jnp.split(x, 3, -1), jnp.split(h @ p["wh"] + p["bh"], 3, -1)
    z = jax.nn.sigmoid(xz + hz)
    h = (1 - z) * jnp.tanh(xn + jax.nn.sigmoid(xr + hr) * hn) + z * h
    return (h,), h


def recurrent(cell, gates, states, variant):
    p = {"embedding": weights(CHARACTERS, 256), "wx": weights(256, gates * 256), "bx": jnp.zeros(gates * 256),
         "wh": weights(256, gates * 256), "bh": jnp.zeros(gates * 256), "head": dense_weights(256, CHARACTERS)}

    def loss(p, s, key, data):
        x = p["embedding"][data[0].T] @ p["wx"] + p["bx"]  # all times at once: [T, B, gates * 256]
        first = (jnp.zeros((x.shape[1], 256)),) * states
        _, h = lax.scan(functools.partial(cell, p), first, x, unroll=variant.get("unroll", 1))
        return cross_entropy(dense(p["head"], h), data[1].T), s
    return p, (), loss


def gpt(depth, width, heads, context):
    p = {"token": 0.02 * weights(CHARACTERS, width, inputs=1), "position": 0.02 * weights(context, width, inputs=1),
         "norm": norm_weights(width),
         "blocks": [{"n1": norm_weights(width), "n2": norm_weights(width), "qkv": weights(width, 3 * width),
                     "out": weights(width, width), "wide": dense_weights(width, 4 * width),
                     "narrow": dense_weights(4 * width, width)} for _ in range(depth)]}
    hidden = ~np.tri(context, dtype=bool)

    def attention(p, x):
        batch = len(x)
        q, k, v = jnp.moveaxis((x @ p["qkv"]).reshape(batch, context, 3, heads, width // heads), (2, 3), (0, 2))
        scores = jnp.einsum("bhtd,bhsd->bhts", q, k) / np.sqrt(width // heads).astype(np.float32)
        mixed = jnp.einsum("bhts,bhsd->bthd", jax.nn.softmax(jnp.where(hidden, -1e9, scores)), v)
        return mixed.reshape(batch, context, width) @ p["out"]

    def loss(p, s, key, data):
        h = p["token"][data[0]] + p["position"]
        for block in p["blocks"]:
            h = h + attention(block, layer_norm(block["n1"], h))
            h = h + dense(block["narrow"], jax.nn.gelu(dense(block["wide"], layer_norm(block["n2"], h)), approximate=False))
        return cross_entropy(layer_norm(p["norm"], h) @ p["token"].T, data[1]), s
    return p, (), loss


def vae():
    p = {"body": dense_weights(784, 400), "middle": dense_weights(400, 20), "spread": dense_weights(400, 20),
         "back": dense_weights(20, 400), "pixels": dense_weights(400, 784)}

    def loss(p, s, key, data):
        h = jax.nn.relu(dense(p["body"], data[0]))
        mu, log_var = dense(p["middle"], h), dense(p["spread"], h)
        z = mu + jax.random.normal(key, mu.shape) * jnp.exp(log_var / 2)
        picture = dense(p["pixels"], jax.nn.relu(dense(p["back"], z)))
        divergence = -0.5 * (1 + log_var - mu * mu - jnp.exp(log_var)).sum()
        return (binary_entropy(picture, data[0]).sum() + divergence) / len(mu), s
    return p, (), loss


# ---- steps ----------------------------------------------------------------------------------------------------------------

def repeated(step, state, *data):
    """step(state, *data) gives the new state and a loss; the state lives here."""
    compiled, held = jax.jit(step, donate_argnums=0), [state]

    def one():
        held[0], loss = compiled(held[0], *data)
        return loss
    return one


def trained(network, optimizer, *data, clips=False, draws_anew=False):
    p, s, loss = network
    slots, update = optimizer

    def step(state, *data):
        p, s, slots, key = state
        key, drawn = jax.random.split(key) if draws_anew else (key, None)
        (value, s), g = jax.value_and_grad(loss, has_aux=True)(p, s, drawn, data)
        p, slots = update(p, clipped(g) if clips else g, slots)
        return (p, s, slots, key), value
    return repeated(step, (p, s, slots(p), jax.random.key(0)), *data)


def dcgan():
    g = {"d": dense_weights(64, 6272), "n0": norm_weights(6272), "k1": weights(4, 4, 128, 64), "b1": jnp.zeros(64), "n1": norm_weights(64),
         "k2": weights(4, 4, 64, 1), "b2": jnp.zeros(1)}
    c = {"k1": weights(4, 4, 1, 64), "b1": jnp.zeros(64), "k2": weights(4, 4, 64, 128), "b2": jnp.zeros(128), "n2": norm_weights(128),
         "d": dense_weights(6272, 1)}
    gs, cs = {"n0": running(6272), "n1": running(64)}, {"n2": running(128)}

    def generator(p, s, z):
        moved = {}
        x, moved["n0"] = batch_norm(p["n0"], s["n0"], dense(p["d"], z))
        x = convolution(jax.nn.relu(x).reshape(-1, 7, 7, 128), p["k1"], pad=2, spread=2) + p["b1"]
        x, moved["n1"] = batch_norm(p["n1"], s["n1"], x)
        return jnp.tanh(convolution(jax.nn.relu(x), p["k2"], pad=2, spread=2) + p["b2"]), moved

    def critic(p, s, x):
        x = jax.nn.leaky_relu(convolution(x, p["k1"], 2) + p["b1"], 0.2)
        x, moved = batch_norm(p["n2"], s["n2"], convolution(x, p["k2"], 2) + p["b2"])
        return dense(p["d"], jax.nn.leaky_relu(x, 0.2).reshape(len(x), -1)), {"n2": moved}

    def judged(c, cs, real, fake):
        yes, cs = critic(c, cs, real)
        no, cs = critic(c, cs, fake)
        return binary_entropy(yes, 1.0).mean() + binary_entropy(no, 0.0).mean(), cs

    def cheated(g, gs, c, cs, z):
        fake, gs = generator(g, gs, z)
        yes, cs = critic(c, cs, fake)
        return binary_entropy(yes, 1.0).mean(), (gs, cs)
    slots, update = adam(2e-4, 0.5)

    def step(state, real):
        g, c, gs, cs, g_slots, c_slots, key = state
        key, first, second = jax.random.split(key, 3)
        fake, gs = generator(g, gs, jax.random.normal(first, (64, 64)))
        (_, cs), grads = jax.value_and_grad(judged, has_aux=True)(c, cs, real, fake)
        c, c_slots = update(c, grads, c_slots)
        (loss, (gs, cs)), grads = jax.value_and_grad(cheated, has_aux=True)(g, gs, c, cs, jax.random.normal(second, (64, 64)))
        g, g_slots = update(g, grads, g_slots)
        return (g, c, gs, cs, g_slots, c_slots, key), loss
    return repeated(step, (g, c, gs, cs, slots(g), slots(c), jax.random.key(0)), uniform(64, 28, 28, 1, low=-1))


def recsys(is_sparse):
    tables = (0.05 * weights(100_000, 64, inputs=1), 0.05 * weights(20_000, 64, inputs=1), jnp.zeros(100_000), jnp.zeros(20_000))
    user, item, rating = draws(100_000, 1024), draws(20_000, 1024), uniform(1024, high=5.0)

    def loss(rows, rating):
        u, v, user_bias, item_bias = rows
        return jnp.square((u * v).sum(1) + user_bias + item_bias - rating).mean()

    def rows_of(tables, places):
        return [table[ids] for table, ids in zip(tables, places)]

    def sparse_step(tables, user, item, rating):
        places = (user, item, user, item)
        value, g = jax.value_and_grad(loss)(rows_of(tables, places), rating)
        return tuple(table.at[ids].add(-0.05 * rows) for table, ids, rows in zip(tables, places, g)), value
    slots, update = adam()

    def dense_step(state, user, item, rating):
        tables, slots = state
        value, g = jax.value_and_grad(lambda t: loss(rows_of(t, (user, item, user, item)), rating))(tables)
        return update(tables, g, slots), value
    return repeated(sparse_step, tables, user, item, rating) if is_sparse else \
        repeated(dense_step, (tables, slots(tables)), user, item, rating)


def language(network, optimizer, batch, context):
    return trained(network, optimizer, draws(CHARACTERS, batch, context), draws(CHARACTERS, batch, context), clips=True)


BUILDERS = {
    "digits_mlp": lambda v: trained(perceptron(64, 64, 10), adam(), uniform(32, 64), draws(10, 32)),
    "mlp": lambda v: trained(perceptron(784, 512, 512, 10), adam(), uniform(64, 784), draws(10, 64)),
    "lenet": lambda v: trained(lenet(), adam(decay=0.01), uniform(64, 28, 28, 1), draws(10, 64), draws_anew=True),
    "resnet18_cifar": lambda v: trained(resnet18(), momentum(0.1, 0.9, 5e-4), uniform(32, 32, 32, 3), draws(10, 32)),
    "vae": lambda v: trained(vae(), adam(), uniform(128, 784), draws_anew=True),
    "dcgan": lambda v: dcgan(),
    "lstm_lm": lambda v: language(recurrent(lstm_cell, 4, 2, v), adam(), 32, 64),
    "gru_lm": lambda v: language(recurrent(gru_cell, 3, 1, v), adam(), 32, 64),
    "gpt": lambda v: language(gpt(4, 128, 4, 64), adam(beta2=0.99, decay=0.1), 12, 64),
    "gpt_mid": lambda v: language(gpt(6, 384, 6, 256), adam(beta2=0.99, decay=0.1), 4, 256),
    "recsys_adam": lambda v: recsys(False),
    "recsys_sgd_sparse": lambda v: recsys(True),
}

VARIANTS = {
    "lenet": [{}, {"random": "unsafe_rbg"}],
    "vae": [{}, {"random": "unsafe_rbg"}],
}


def variants(name):
    return VARIANTS.get(name, [{}])


def build(name, variant):
    jax.config.update("jax_default_prng_impl", variant.get("random", "threefry2x32"))
    return BUILDERS[name](variant)
