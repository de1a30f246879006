"""What is measured: the rows of the tables, by name.  Work is counted as the field does: FLOPs of matrix products and
convolutions, a multiply-add as 2, padding as data, no gradient with respect to data; `moved` are the bytes that must at
least go through memory, where that is what bounds a row."""
import fnmatch

import kernels
from row import HERE, Row

MATRIX_FACTORISATION = 120_000 * 65

STEPS = [
    Row("digits_mlp", "steps", 647_168, parameters=4_810),
    Row("mlp", "steps", 205_389_824, parameters=669_706),
    Row("lenet", "steps", 1_599_700_992, parameters=421_834),
    Row("vae", "steps", 419_840_000, parameters=652_824),
    Row("dcgan", "steps", 10_282_467_328, parameters=691_330),
    Row("resnet18_cifar", "steps", 106_527_916_032, parameters=11_173_962),
    # without the gradient of the zeros that the state begins with: one product of a time step less
    Row("lstm_lm", "steps", 6_646_923_264, parameters=559_681, checked=6_646_923_264 - 2 * 32 * 256 * 4 * 256),
    Row("gru_lm", "steps", 5_036_310_528, parameters=428_097, checked=5_036_310_528 - 2 * 32 * 256 * 3 * 256),
    Row("gpt", "steps", 3_964_207_104, parameters=807_808),
    Row("gpt_mid", "steps", 72_630_927_360, program=HERE / "cases/gpt.dlm", parameters=10_761_600,
        options="--depth 6 --width 384 --heads 6 --context 256 --batch 4".split()),
    # rows of a table are multiplied element by element: no product, and memory is the bound: three arrays read and written
    Row("recsys_adam", "steps", checked=0, moved=6 * 4 * MATRIX_FACTORISATION, parameters=MATRIX_FACTORISATION),
    # the rows that occur are read and written, with their biases
    Row("recsys_sgd_sparse", "steps", checked=0, moved=2 * 4 * 1024 * 2 * 65, parameters=MATRIX_FACTORISATION),
]


def all_rows():
    return STEPS + kernels.PRODUCTS + kernels.CONVOLUTIONS + kernels.PASSES + kernels.deepbench()


def chosen(patterns):
    """The rows that names, groups or patterns such as `gpt*` stand for, in the order of the table; the patterns that
    stand for none."""
    rows, unknown, names = all_rows(), [], set()
    for pattern in patterns:
        found = {r.name for r in rows if r.group == pattern or fnmatch.fnmatchcase(r.name, pattern)}
        names |= found
        if not found:
            unknown.append(pattern)
    return [r for r in rows if r.name in names], unknown
