"""Chapter 04: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "relu_backward",
        "It applies max(., 0) to dy instead of masking dy with the sign of z, so z is never "
        "looked at.",
        {"mask_from_dy"},
        True,
        """
def relu_backward(dy, z):
    return np.maximum(dy, 0)
""",
    ),
    (
        "relu_backward",
        "It multiplies dy by the layer's output max(z, 0) instead of by its slope 1 or 0.",
        {"z_for_slope"},
        True,
        """
def relu_backward(dy, z):
    y = np.maximum(z, 0)
    dz = dy * y
    return dz
""",
    ),
    (
        "relu_backward",
        "It sets entries of dy to 0 in place and returns dy, so the argument dy is changed.",
        {"input_modified"},
        True,
        """
def relu_backward(dy, z):
    dz = dy
    dz[z <= 0] = 0
    return dz
""",
    ),
    (
        "sigmoid_backward",
        "The slope is written as z*(1 - z): z is used where y = sigmoid(z) belongs.",
        {"z_for_y"},
        True,
        """
def sigmoid_backward(dy, z):
    return dy * z * (1 - z)
""",
    ),
    (
        "sigmoid_backward",
        "The slope is computed as exp(-z) / (1 + exp(-z))**2, which is infinity over "
        "infinity, NaN, for z like -1000.",
        {"nan", "not_finite_below"},
        True,
        """
def sigmoid_backward(dy, z):
    e = np.exp(-z)
    slope = e / (1 + e) ** 2
    return dy * slope
""",
    ),
    (
        "sigmoid_backward",
        "It returns the slope y*(1 - y) only and forgets to multiply by dy.",
        {"dy_missing"},
        True,
        """
def sigmoid_backward(dy, z):
    y = 1.0 / (1.0 + np.exp(-z))
    dz = y * (1.0 - y)
    return dz
""",
    ),
    (
        "tanh_backward",
        "The slope is written as 1 - z**2: z is used where y = tanh(z) belongs.",
        {"z_for_y"},
        True,
        """
def tanh_backward(dy, z):
    return dy * (1 - z ** 2)
""",
    ),
    (
        "tanh_backward",
        "tanh is computed from exp(z) and exp(-z), which gives infinity over infinity, NaN, "
        "for z like 1000.",
        {"not_finite"},
        True,
        """
def tanh_backward(dy, z):
    y = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    return dy * (1 - y ** 2)
""",
    ),
    (
        "tanh_backward",
        "It uses the sigmoid's slope form y*(1 - y) with y = tanh(z) instead of 1 - y**2.",
        {"sigmoid_slope"},
        True,
        """
def tanh_backward(dy, z):
    y = np.tanh(z)
    return dy * y * (1 - y)
""",
    ),
]
