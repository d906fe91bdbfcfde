"""Chapter 00: the warm-up, one layer that squares. The docstrings are the task statements."""


def square_backward(dz, y):
    """The gradient of Div by y, for the layer z = y**2, entry by entry.

    Div is the divergence, the loss; dz is its gradient by z. Each entry
    of y moves its own entry of z and no other, and the slope of y**2 is
    2 * y. By the chain rule

    `dy[k] = 2 * y[k] * dz[k]`   for every entry,

    where k stands for all indices of an entry, however many there are.

    dz and y are float arrays of one shape, with any number of axes
    ->  dy, a new array of that shape.

    Example: dz = [1., 10.] and y = [3., -2.] give dy = [6., -40.].

    Any floating dtype will do. Do not change dz or y.
    """
    return 2 * y * dz
