"""Chapter 00's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (for the programs)

MISTAKES = [
    ("square_backward", {"dz_missing"}, """
def f(dz, y):
    dy = np.zeros_like(y)
    for k in np.ndindex(y.shape):
        dy[k] = 2 * y[k]
    return dy
"""),
    ("square_backward", {"forward"}, """
def f(dz, y):
    return y * y * dz
"""),
    ("square_backward", {"factor_missing", "factor"}, """
def f(dz, y):
    return np.multiply(dz, y)
"""),
    ("square_backward", {"summed", "axes", "shape", "type"}, """
def f(dz, y):
    return np.dot(2 * y.ravel(), dz.ravel())
"""),
    ("square_backward", {"input_modified"}, """
def f(dz, y):
    dz *= 2 * y
    return dz
"""),
]  # fmt: skip
