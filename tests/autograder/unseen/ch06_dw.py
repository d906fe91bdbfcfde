"""Chapter 06: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "conv_dw",
        "The sum over the pictures is divided by T: a mean instead of a sum.",
        {"divided_by_batch"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    win = sliding_window_view(y, (H_out, W_out), axis=(2, 3))    # (T, M, KH, KW, H_out, W_out)
    dw = np.einsum('tnrc,tmijrc->nmij', dz, win)
    return dw / T
""",
    ),
    (
        "conv_dw",
        "dz is flipped in both picture axes before it slides over y; it should slide unflipped.",
        {"dz_flipped"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    flipped = dz[:, :, ::-1, ::-1]
    dw = np.zeros((N, M, KH, KW))
    for i in range(KH):
        for j in range(KW):
            dw[:, :, i, j] = np.tensordot(flipped, y[:, :, i:i + H_out, j:j + W_out], axes=([0, 2, 3], [0, 2, 3]))
    return dw
""",
    ),
    (
        "conv_dw",
        "dw is assigned with = inside the loop over the pictures instead of added up, so only "
        "the last picture counts.",
        {"last_instance"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    T, M, H, W = y.shape
    KH = H - H_out + 1
    KW = W - W_out + 1
    dw = np.zeros((N, M, KH, KW))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        dw[n, m, i, j] = np.sum(dz[t, n] * y[t, m, i:i + H_out, j:j + W_out])
    return dw
""",
    ),
    (
        "conv_dw",
        "The first two axes of the result are exchanged: it has shape (M, N, KH, KW) instead "
        "of (N, M, KH, KW).",
        {"maps_exchanged"},
        True,
        """
def conv_dw(dz, y):
    H_out, W_out = dz.shape[2:]
    win = sliding_window_view(y, (H_out, W_out), axis=(2, 3))
    return np.tensordot(win, dz, axes=([0, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)
""",
    ),
    (
        "conv_dw",
        "The filter size is one too small: KH = H - H_out and KW = W - W_out without the + 1, "
        "so the last row and column of dw are missing.",
        {"one_too_small"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out, W - W_out
    dw = np.zeros((N, M, KH, KW))
    for r in range(H_out):
        for c in range(W_out):
            dw += np.einsum('tn,tmij->nmij', dz[:, :, r, c], y[:, :, r:r + KH, c:c + KW])
    return dw
""",
    ),
    (
        "conv_dw",
        "Every picture's dz is paired with every picture's y (both are summed over the batch "
        "separately) instead of with its own.",
        {"pictures_mixed"},
        False,
        """
def conv_dw(dz, y):
    dz_sum = dz.sum(axis=0)
    y_sum = y.sum(axis=0)
    N, H_out, W_out = dz_sum.shape
    M, H, W = y_sum.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.zeros((N, M, KH, KW))
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    dw[n, m, i, j] = (dz_sum[n] * y_sum[m, i:i + H_out, j:j + W_out]).sum()
    return dw
""",
    ),
    (
        "conv_dw",
        "The filter is taken as square: KW is set to KH = H - H_out + 1 and W and W_out play "
        "no part in it.",
        {"one_size", "shape"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    M, H = y.shape[1], y.shape[2]
    K = H - H_out + 1
    dw = np.zeros((N, M, K, K))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for i in range(K):
                    for j in range(K):
                        for r in range(H_out):
                            for c in range(W_out):
                                dw[n, m, i, j] += dz[t, n, r, c] * y[t, m, r + i, c + j]
    return dw
""",
    ),
    (
        "conv_dw",
        "Two mistakes: y is summed over its in-maps first, so all planes of a filter come out "
        "equal, and the result is divided by the number of positions H_out * W_out.",
        {"divided_by_positions"},
        True,
        """
def conv_dw(dz, y):
    T, N, H_out, W_out = dz.shape
    M = y.shape[1]
    s = y.sum(axis=1, keepdims=True)
    win = sliding_window_view(s, (H_out, W_out), axis=(2, 3))
    dw = np.einsum('tnrc,tmijrc->nmij', dz, win) / (H_out * W_out)
    return np.repeat(dw, M // dw.shape[1], axis=1)
""",
    ),
    (
        "conv_dw",
        "Two mistakes: the finished dw is flipped in its last two axes, and only the first "
        "picture (t = 0) is used instead of the sum over all pictures.",
        {"output_flipped"},
        True,
        """
def conv_dw(dz, y):
    N, H_out, W_out = dz.shape[1:]
    M, H, W = y.shape[1:]
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.array([[[[np.sum(dz[0, n] * y[0, m, i:i + H_out, j:j + W_out])
                      for j in range(KW)] for i in range(KH)]
                    for m in range(M)] for n in range(N)])
    return dw[:, :, ::-1, ::-1].copy()
""",
    ),
    (
        "conv_db",
        "It takes the mean over the positions and pictures instead of the sum.",
        {"mean"},
        True,
        """
def conv_db(dz):
    return dz.mean(axis=(0, 2, 3))
""",
    ),
    (
        "conv_db",
        "It sums over the positions only and not over the pictures, so the result has shape "
        "(T, N).",
        {"batch_kept"},
        True,
        """
def conv_db(dz):
    return np.sum(dz, axis=(2, 3))
""",
    ),
    (
        "conv_db",
        "It squeezes the result, so for N = 1 a number without any axis comes back instead of "
        "an array of shape (1,).",
        {"axes"},
        True,
        """
def conv_db(dz):
    db = np.sum(dz, axis=(0, 2, 3), keepdims=True)
    return np.squeeze(db)
""",
    ),
    (
        "conv_db",
        "It sums over all axes, the maps too, so one number comes back instead of one per filter.",
        {"scalar"},
        True,
        """
def conv_db(dz):
    db = 0.0
    for t in range(dz.shape[0]):
        for n in range(dz.shape[1]):
            db += dz[t, n].sum()
    return db
""",
    ),
]
