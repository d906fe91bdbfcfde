"""Chapter 07's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- pad_backward -----
    ("pad_backward", {"minus_the_end"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    return dy_padded[:, :, top:-bottom, left:-right]
"""),
    ("pad_backward", {"starts_for_both"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2:]
    return dy_padded[:, :, top : H - top, left : W - left]
"""),
    ("pad_backward", {"ends_one_early", "shape"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2:]
    return dy_padded[:, :, top : H - bottom - 1, left : W - right - 1]
"""),
    ("pad_backward", {"end_not_cut"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    return dy_padded[:, :, top:, left:]
"""),
    ("pad_backward", {"end_counted_from_start"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2] - top - bottom, dy_padded.shape[3] - left - right
    return dy_padded[:, :, top:H, left:W]
"""),
    ("pad_backward", {"pairs_misread"}, """
def f(dy_padded, padding):
    (top, left), (bottom, right) = padding
    H, W = dy_padded.shape[2:]
    return dy_padded[:, :, top : H - bottom, left : W - right]
"""),
    ("pad_backward", {"border_zeroed"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2:]
    dy = np.zeros_like(dy_padded)
    dy[:, :, top : H - bottom, left : W - right] = dy_padded[:, :, top : H - bottom, left : W - right]
    return dy
"""),
    ("pad_backward", {"input_modified"}, """
def f(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2:]
    dy_padded[:, :, :top] = 0
    dy_padded[:, :, :, :left] = 0
    return dy_padded[:, :, top : H - bottom, left : W - right]
"""),
    # ----- padded_conv_backward -----
    # the gradient of the padded map comes back
    ("padded_conv_backward", {"not_cropped"}, """
def f(dz, y, w, b, padding):
    return backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
"""),
    ("padded_conv_backward", {"minus_the_end"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    return dy[:, :, top:-bottom, left:-right], dw, db
"""),
    # dW from the y as given
    ("padded_conv_backward", {"y_not_padded"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    dy = np.zeros((T, M, H + top + bottom, W + left + right))
    dw = np.zeros_like(w)
    for t in range(T):
        for n in range(N):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    dy[t, :, r : r + KH, c : c + KW] += w[n] * dz[t, n, r, c]
                    dw[n] += y[t, :, r : r + KH, c : c + KW] * dz[t, n, r, c]
    return dy[:, :, top : top + H, left : left + W], dw, dz.sum((0, 2, 3))
"""),
    # one number for all four sides
    ("padded_conv_backward", {"one_margin", "shapes"}, """
def f(dz, y, w, b, padding):
    p = padding[0][0]
    H, W = y.shape[2:]
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), (p, p), (p, p))), w)
    return dy[:, :, p : p + H, p : p + W], dw, db
"""),
    # the rows of zeros cut at the wrong end
    ("padded_conv_backward", {"cropped_from_the_start"}, """
def f(dz, y, w, b, padding):
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    return dy[:, :, : y.shape[2], : y.shape[3]], dw, db
"""),
    ("padded_conv_backward", {"sides_exchanged"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    H, W = dy.shape[2:]
    return dy[:, :, bottom : H - top, right : W - left], dw, db
"""),
    # no db, as on the slides
    ("padded_conv_backward", {"db_missing"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    return dy[:, :, top : top + y.shape[2], left : left + y.shape[3]], dw
"""),
    # means
    ("padded_conv_backward", {"divided_by_batch"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    T = len(y)
    return dy[:, :, top : top + y.shape[2], left : left + y.shape[3]], dw / T, db / T
"""),
    # the gather form without the flip, and its padding
    ("padded_conv_backward", {"no_flip"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    KH, KW = w.shape[2:]
    _, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    p = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    p = np.lib.stride_tricks.sliding_window_view(p, (KH, KW), axis=(2, 3))
    dy = np.einsum("tnrcij,nmij->tmrc", p, w)
    return dy[:, :, top : top + y.shape[2], left : left + y.shape[3]], dw, db
"""),
    ("padded_conv_backward", {"dz_padded_by_padding", "shape"}, """
def f(dz, y, w, b, padding):
    KH, KW = w.shape[2:]
    _, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    p = np.pad(dz, ((0, 0), (0, 0), *padding))
    p = np.lib.stride_tricks.sliding_window_view(p, (KH, KW), axis=(2, 3))
    return np.einsum("tnrcij,nmij->tmrc", p, w[:, :, ::-1, ::-1]), dw, db
"""),
    # db as for one picture
    ("padded_conv_backward", {"db_batch_kept"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    return dy[:, :, top : top + y.shape[2], left : left + y.shape[3]], dw, dz.sum((2, 3))
"""),
    # dw with "=" in the loop over pictures
    ("padded_conv_backward", {"dw_last_instance"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, M, H, W = y.shape
    padded = np.pad(y, ((0, 0), (0, 0), *padding))
    dy, dw = np.zeros_like(padded), np.zeros_like(w)
    for t in range(T):
        dyt, dwt, _ = backward(dz[t : t + 1], padded[t : t + 1], w)
        dy[t] = dyt[0]
        dw = dwt
    return dy[:, :, top : top + H, left : left + W], dw, dz.sum((0, 2, 3))
"""),
    # no padding at all
    ("padded_conv_backward", {"y_not_padded"}, """
def f(dz, y, w, b, padding):
    return backward(dz, y, w)
"""),
    ("padded_conv_backward", {"weights_first"}, """
def f(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    dy, dw, db = backward(dz, np.pad(y, ((0, 0), (0, 0), *padding)), w)
    return dw, db, dy[:, :, top : top + y.shape[2], left : left + y.shape[3]]
"""),
]  # fmt: skip


def backward(dz, y, w):
    """What a learner has right from chapters 05 and 06: no padding."""
    N, _, KH, KW = w.shape
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    for n in range(N):
        for r in range(dz.shape[2]):
            for c in range(dz.shape[3]):
                g = dz[:, n, r, c, None, None, None]
                dy[:, :, r : r + KH, c : c + KW] += w[n] * g
                dw[n] += (y[:, :, r : r + KH, c : c + KW] * g).sum(0)
    return dy, dw, dz.sum((0, 2, 3))
