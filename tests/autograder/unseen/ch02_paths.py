"""Chapter 02: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "numeric_gradient",
        "It uses the forward difference (f(x + h) - f(x)) / h instead of the central difference.",
        {"forward_difference"},
        True,
        """
def numeric_gradient(f, x, h):
    dx = np.zeros_like(x)
    f0 = f(x)
    for k in np.ndindex(x.shape):
        xp = x.copy()
        xp[k] += h
        dx[k] = (f(xp) - f0) / h
    return dx
""",
    ),
    (
        "numeric_gradient",
        "It moves the entries of x itself (and puts them back afterwards), so x is changed "
        "for a moment and a read-only x raises an error.",
        {"input_modified"},
        True,
        """
def numeric_gradient(f, x, h):
    dx = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        old = x[k]
        x[k] = old + h
        up = f(x)
        x[k] = old - h
        down = f(x)
        x[k] = old
        dx[k] = (up - down) / (2 * h)
    return dx
""",
    ),
    (
        "numeric_gradient",
        "It divides the central difference by h instead of by 2*h, so every entry is twice "
        "too large.",
        {"divided_by_h"},
        True,
        """
def numeric_gradient(f, x, h):
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=['multi_index'])
    for _ in it:
        e = np.zeros(x.shape)
        e[it.multi_index] = h
        grad[it.multi_index] = (f(x + e) - f(x - e)) / h
    return grad
""",
    ),
    (
        "numeric_gradient",
        "It adds and subtracts h on all entries of x at once, so every entry of dx gets the "
        "same number, the slope along all directions together.",
        {"one_slope_for_all"},
        False,
        """
def numeric_gradient(f, x, h):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.full(x.shape, slope)
""",
    ),
    (
        "numeric_gradient",
        "The working copies are made once before the loop and never set back, so entries "
        "moved earlier stay moved while later entries are measured.",
        {"never_put_back"},
        True,
        """
def numeric_gradient(f, x, h):
    dx = np.zeros(x.shape)
    up = x.copy()
    down = x.copy()
    for k in np.ndindex(x.shape):
        up[k] += h
        down[k] -= h
        dx[k] = (f(up) - f(down)) / (2 * h)
    return dx
""",
    ),
    (
        "numeric_gradient",
        "Two mistakes: it ignores the given h and uses 1e-5, and it loops only over the first "
        "axis, so for an x with several axes whole rows are moved together.",
        {"first_axis_only", "own_step"},
        True,
        """
def numeric_gradient(f, x, h):
    h = 1e-5
    dx = np.zeros(x.shape)
    for k in range(x.shape[0]):
        up = x.copy(); up[k] += h
        down = x.copy(); down[k] -= h
        dx[k] = (f(up) - f(down)) / (2 * h)
    return dx
""",
    ),
    (
        "graph_backward",
        "ds takes only the path through sin(s) and forgets the path through t = s + x, so dt "
        "is not added to ds.",
        {"s_through_sin_only"},
        True,
        """
def graph_backward(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(s)
    dx = ds * y + dt
    dy = ds * x
    return dx, dy
""",
    ),
    (
        "graph_backward",
        "dx takes only the path through s and forgets the direct path through t = s + x, so "
        "dt is not added to dx.",
        {"x_direct_missing"},
        True,
        """
def graph_backward(x, y):
    # forward
    s = x * y
    t = s + x
    # backward
    dt = np.sin(s)
    ds = dt + t * np.cos(s)
    dx = ds * y
    dy = ds * x
    return dx, dy
""",
    ),
    (
        "graph_backward",
        "The slope of sin(s) is taken as -cos(s): the sign of the term t*cos(s) in ds is wrong.",
        {"cos_sign"},
        True,
        """
def graph_backward(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = -t * np.cos(s) + dt
    return ds * y + dt, ds * x
""",
    ),
    (
        "graph_backward",
        "The two results are returned in the wrong order: dy first, then dx.",
        {"order"},
        True,
        """
def graph_backward(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = 1 * dt + t * np.cos(s)
    dy = x * ds
    dx = y * ds + 1 * dt
    return dy, dx
""",
    ),
    (
        "batch_gradient",
        "It sums over the pictures and never divides by T: a sum instead of a mean.",
        {"sum"},
        True,
        """
def batch_gradient(dw_each):
    return np.sum(dw_each, axis=0)
""",
    ),
    (
        "batch_gradient",
        "It takes the mean over all axes (no axis given), so a single number comes back "
        "instead of one per weight.",
        {"mean_of_all"},
        True,
        """
def batch_gradient(dw_each):
    dw = np.mean(dw_each)
    return dw
""",
    ),
    (
        "batch_gradient",
        "It adds up in dw_each[0] itself, which is a view, so the argument dw_each is changed.",
        {"input_modified"},
        True,
        """
def batch_gradient(dw_each):
    T = len(dw_each)
    total = dw_each[0]
    for t in range(1, T):
        total += dw_each[t]
    return total / T
""",
    ),
]
