"""Chapter 04's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (for the programs)

MISTAKES = [
    # ----- relu_backward -----
    ("relu_backward", {"mask_from_dy"}, """
def f(dy, z):
    return np.maximum(dy, 0)
"""),
    ("relu_backward", {"dy_missing"}, """
def f(dy, z):
    return np.where(z > 0, 1.0, 0.0)
"""),
    ("relu_backward", {"z_for_slope"}, """
def f(dy, z):
    return dy * np.maximum(z, 0)
"""),
    ("relu_backward", {"input_modified"}, """
def f(dy, z):
    dy[z <= 0] = 0
    return dy
"""),
    ("relu_backward", {"truth"}, """
def f(dy, z):
    if z > 0:
        return dy
    else:
        return np.zeros_like(dy)
"""),
    ("relu_backward", {"inverted"}, """
def f(dy, z):
    dz = dy.copy()
    dz[z > 0] = 0
    return dz
"""),
    # ----- sigmoid_backward -----
    ("sigmoid_backward", {"z_for_y"}, """
def f(dy, z):
    return dy * z * (1 - z)
"""),
    ("sigmoid_backward", {"sigmoid_twice"}, """
def f(dy, z):
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))
    def slope(x):
        return sigmoid(x) * (1 - sigmoid(x))
    y = sigmoid(z)
    return dy * slope(y)
"""),
    ("sigmoid_backward", {"dy_missing"}, """
def f(dy, z):
    y = 1.0 / (1.0 + np.exp(-z))
    return y * (1.0 - y)
"""),
    ("sigmoid_backward", {"not_finite"}, """
def f(dy, z):
    y = np.exp(z) / (1 + np.exp(z))
    return dy * y * (1 - y)
"""),
    ("sigmoid_backward", {"precedence", "unknown"}, """
def f(dy, z):
    y = 1 / 1 + np.exp(-z)
    return dy * y * (1 - y)
"""),
    # ----- tanh_backward -----
    ("tanh_backward", {"z_for_y"}, """
def f(dy, z):
    return dy * (1 - z**2)
"""),
    ("tanh_backward", {"square_missing"}, """
def f(dy, z):
    return dy * (1 - np.tanh(z))
"""),
    ("tanh_backward", {"not_finite"}, """
def f(dy, z):
    y = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    return dy * (1 - y * y)
"""),
    ("tanh_backward", {"square_of_the_difference"}, """
def f(dy, z):
    y = np.tanh(z)
    return dy * (1 - y) ** 2
"""),
    ("tanh_backward", {"dy_missing"}, """
def f(dy, z):
    return 1 - np.tanh(z) ** 2
"""),
    # ----- as readers of the notebooks wrote them -----
    ("relu_backward", {"truth"}, """
def f(dy, z):
    if z > 0:
        return dy
    else:
        return np.zeros_like(dy)
"""),
    ("relu_backward", {"truth"}, """
def f(dy, z):
    return dy if z > 0 else 0
"""),
    ("sigmoid_backward", {"not_finite_below"}, """
def f(dy, z):
    return dy * np.exp(-z) / (1 + np.exp(-z)) ** 2
"""),
    ("sigmoid_backward", {"not_finite_below"}, """
def f(dy, z):
    e = np.exp(-z)
    return dy * (e / (1 + e) ** 2)
"""),
    ("tanh_backward", {"not_finite_below"}, """
def f(dy, z):
    e = np.exp(-2 * z)
    y = (1 - e) / (1 + e)
    return dy * (1 - y**2)
"""),
    ("tanh_backward", {"not_finite_above"}, """
def f(dy, z):
    e = np.exp(2 * z)
    y = (e - 1) / (e + 1)
    return dy * (1 - y**2)
"""),
    ("tanh_backward", {"not_finite_below"}, """
def f(dy, z):
    return dy * 4 * np.exp(-2 * z) / (1 + np.exp(-2 * z)) ** 2
"""),
]  # fmt: skip
