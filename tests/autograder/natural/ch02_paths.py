"""Chapter 02's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (for the programs)

MISTAKES = [
    # ----- numeric_gradient -----
    ("numeric_gradient", {"forward_difference"}, """
def f(f, x, h):
    dx = np.zeros_like(x)
    fx = f(x)
    for k in np.ndindex(x.shape):
        moved = x.copy()
        moved[k] += h
        dx[k] = (f(moved) - fx) / h
    return dx
"""),
    ("numeric_gradient", {"divided_by_h", "factor"}, """
def f(f, x, h):
    dx = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[k] = h
        dx[k] = (f(x + e) - f(x - e)) / h
    return dx
"""),
    ("numeric_gradient", {"never_put_back"}, """
def f(f, x, h):
    dx = np.zeros(x.shape)
    up = x.copy()
    down = x.copy()
    for k in np.ndindex(x.shape):
        up[k] = x[k] + h
        down[k] = x[k] - h
        dx[k] = (f(up) - f(down)) / (2 * h)
    return dx
"""),
    ("numeric_gradient", {"precedence"}, """
def f(f, x, h):
    dx = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        dx[k] = (f(up) - f(down)) / 2 * h
    return dx
"""),
    ("numeric_gradient", {"first_axis_only"}, """
def f(f, x, h):
    dx = np.zeros(x.shape)
    for k in range(len(x)):
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        dx[k] = (f(up) - f(down)) / (2 * h)
    return dx
"""),
    ("numeric_gradient", {"input_modified"}, """
def f(f, x, h):
    dx = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        old = x[k]
        x[k] = old + h
        up = f(x)
        x[k] = old - h
        down = f(x)
        x[k] = old
        dx[k] = (up - down) / (2 * h)
    return dx
"""),
    ("numeric_gradient", {"own_step"}, """
def f(f, x, h):
    h = 1e-5
    dx = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[k] = h
        dx[k] = (f(x + e) - f(x - e)) / (2 * h)
    return dx
"""),
    ("numeric_gradient", {"all_at_once", "type"}, """
def f(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)
"""),
    ("numeric_gradient", {"flat", "axes"}, """
def f(f, x, h):
    dx = []
    for k in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[k] = h
        dx.append((f(x + e) - f(x - e)) / (2 * h))
    return np.array(dx)
"""),
    # ----- graph_backward -----
    ("graph_backward", {"x_direct_missing"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = dt + t * np.cos(s)
    dx = ds * y
    dy = ds * x
    return dx, dy
"""),
    ("graph_backward", {"s_through_t_only"}, """
def f(x, y):
    s = x * y
    dt = np.sin(s)
    ds = dt
    return ds * y + dt, ds * x
"""),
    ("graph_backward", {"s_through_sin_only"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(s)
    dx = ds * y + dt
    dy = ds * x
    return dx, dy
"""),
    ("graph_backward", {"t_missing"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = np.cos(s) + dt
    return y * ds + dt, x * ds
"""),
    ("graph_backward", {"factors_exchanged"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(s) + dt
    dx = x * ds + dt
    dy = y * ds
    return dx, dy
"""),
    # ----- batch_gradient -----
    ("batch_gradient", {"sum"}, """
def f(dw_each):
    dw = np.zeros(dw_each.shape[1:])
    for t in range(len(dw_each)):
        dw += dw_each[t]
    return dw
"""),
    ("batch_gradient", {"mean_of_all", "type"}, """
def f(dw_each):
    return np.mean(dw_each)
"""),
    ("batch_gradient", {"wrong_count"}, """
def f(dw_each):
    return dw_each.sum(axis=0) / dw_each.size
"""),
    ("batch_gradient", {"mean_of_each_picture", "shape", "axes"}, """
def f(dw_each):
    return np.array([g.mean() for g in dw_each])
"""),
    # ----- as readers of the notebooks wrote them -----
    ("graph_backward", {"cos_of_t"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(t) + dt
    dx = y * ds + dt
    dy = x * ds
    return dx, dy
"""),
    ("graph_backward", {"cos_of_t"}, """
def f(x, y):
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(t)
    ds += dt * 1
    dx = dt + ds * y
    return float(dx), float(ds * x)
"""),
]  # fmt: skip
