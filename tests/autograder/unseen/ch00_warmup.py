"""Chapter 00: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "square_backward",
        "It returns only the slope 2*y and never multiplies by dz: the chain rule's incoming "
        "gradient is forgotten.",
        {"dz_missing"},
        True,
        """
def square_backward(dz, y):
    # derivative of y^2 is 2y
    dy = 2 * y
    return dy
""",
    ),
    (
        "square_backward",
        "It multiplies dz by the layer's output y**2 instead of by the slope 2*y.",
        {"forward"},
        True,
        """
def square_backward(dz, y):
    z = y ** 2
    return dz * z
""",
    ),
    (
        "square_backward",
        "It makes dy a flat array of len(y) zeros, so it only works for arrays with one axis "
        "and fails for any with more.",
        {"shapes"},
        True,
        """
def square_backward(dz, y):
    dy = np.zeros(len(y))
    for k in range(len(y)):
        dy[k] = 2 * y[k] * dz[k]
    return dy
""",
    ),
    (
        "square_backward",
        "It multiplies dz in place and returns dz itself, so the argument dz is changed and "
        "no new array is made.",
        {"input_modified"},
        True,
        """
def square_backward(dz, y):
    dz *= 2 * y
    return dz
""",
    ),
]
