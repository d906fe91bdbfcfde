"""Chapter 12's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (the programs use it)

MISTAKES = [
    # ----- conv_transpose_forward -----
    ("conv_transpose_forward", {"overwrite", "overwrite_keeps_last"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for t, r, c in np.ndindex(T, H, W):
        for n in range(N):
            stamp = sum(w[m, n] * y[t, m, r, c] for m in range(M))
            z[t, n, SH * r : SH * r + KH, SW * c : SW * c + KW] = stamp
    return z + b.reshape(1, -1, 1, 1)
"""),
    ("conv_transpose_forward", {"flipped"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    up = np.zeros((T, M, SH * (H - 1) + 1, SW * (W - 1) + 1))
    up[:, :, ::SH, ::SW] = y
    up = np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            for n in range(N):
                seg = up[:, :, r : r + KH, c : c + KW]
                z[:, n, r, c] = (seg * w[:, n]).sum(axis=(1, 2, 3)) + b[n]
    return z
"""),
    ("conv_transpose_forward", {"bias_per_stamp", "bias_per_product"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for t, n, r, c in np.ndindex(T, N, H, W):
        stamp = np.tensordot(y[t, :, r, c], w[:, n], axes=1)
        z[t, n, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp + b[n]
    return z
"""),
    ("conv_transpose_forward", {"bias_missing"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            for i in range(KH):
                for j in range(KW):
                    z[:, :, SH * r + i, SW * c + j] += y[:, :, r, c] @ w[:, :, i, j]
    return z
"""),
    ("conv_transpose_forward", {"size_times_stride", "shape", "shapes", "index"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, H * SH, W * SW)) + b[None, :, None, None]
    for r in range(H):
        for c in range(W):
            for i in range(KH):
                for j in range(KW):
                    z[:, :, SH * r + i, SW * c + j] += y[:, :, r, c] @ w[:, :, i, j]
    return z
"""),
    ("conv_transpose_forward", {"zeros_after_last"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    up = np.zeros((T, M, SH * H, SW * W))
    up[:, :, ::SH, ::SW] = y
    up = np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    v = w[:, :, ::-1, ::-1]
    A, B = up.shape[2] - KH + 1, up.shape[3] - KW + 1
    z = np.zeros((T, N, A, B))
    for r in range(A):
        for c in range(B):
            z[:, :, r, c] = np.einsum("tmij,mnij->tn", up[:, :, r : r + KH, c : c + KW], v) + b
    return z
"""),
    ("conv_transpose_forward", {"repeated", "shape"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    up = y.repeat(stride[0], axis=2).repeat(stride[1], axis=3)
    up = np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    v = w[:, :, ::-1, ::-1]
    A, B = up.shape[2] - KH + 1, up.shape[3] - KW + 1
    z = np.zeros((T, N, A, B))
    for r in range(A):
        for c in range(B):
            z[:, :, r, c] = np.einsum("tmij,mnij->tn", up[:, :, r : r + KH, c : c + KW], v) + b
    return z
"""),
    ("conv_transpose_forward", {"maps_exchanged", "index", "shapes"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW)) + b[:, None, None]
    for n in range(N):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    stamp = w[n, m] * y[:, m, r, c][:, None, None]
                    z[:, n, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    return z
"""),
    ("conv_transpose_forward", {"one_stride", "shapes"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    S = stride[0]
    z = np.zeros((T, N, S * (H - 1) + KH, S * (W - 1) + KW)) + b[:, None, None]
    for r in range(H):
        for c in range(W):
            for m in range(M):
                stamp = w[m][None] * y[:, m, r, c][:, None, None, None]
                z[:, :, S * r : S * r + KH, S * c : S * c + KW] += stamp
    return z
"""),
    ("conv_transpose_forward", {"bias_per_in_map"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for m in range(M):
        for n in range(N):
            for r in range(H):
                for c in range(W):
                    stamp = w[m, n] * y[:, m, r, c, None, None]
                    z[:, n, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
            z[:, n] += b[n]
    return z
"""),
    ("conv_transpose_forward", {"flipped"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    w = np.rot90(w, 2, axes=(2, 3))
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW)) + b[:, None, None]
    for r in range(H):
        for c in range(W):
            for i in range(KH):
                for j in range(KW):
                    z[:, :, SH * r + i, SW * c + j] += y[:, :, r, c] @ w[:, :, i, j]
    return z
"""),
    # z of the right size, but stamps one step apart
    ("conv_transpose_forward", {"placed_without_stride"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            z[:, :, r : r + KH, c : c + KW] += np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
    z += b[:, None, None]
    return z
"""),
    ("conv_transpose_forward", {"rows_placed_only"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            z[:, :, SH * r : SH * r + KH, c : c + KW] += np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
    z += b[:, None, None]
    return z
"""),
    ("conv_transpose_forward", {"stride_on_filter"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            for i, j in np.ndindex(KH, KW):
                z[:, :, r + SH * i, c + SW * j] += y[:, :, r, c] @ w[:, :, i, j]
    z += b[:, None, None]
    return z
"""),
    # b without axes, and with too few
    ("conv_transpose_forward", {"bias_over_columns"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            stamp = np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    z += b
    return z
"""),
    ("conv_transpose_forward", {"bias_over_columns"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            stamp = np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    z = z + b
    return z
"""),
    ("conv_transpose_forward", {"bias_over_rows"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            stamp = np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    z += b[:, None]
    return z
"""),
    ("conv_transpose_forward", {"shapes"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            stamp = np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    z += b[:, None, None, None]
    return z
"""),
    ("conv_transpose_forward", {"bias_of_all_maps"}, """
def f(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for r in range(H):
        for c in range(W):
            stamp = np.einsum("tm,mnij->tnij", y[:, :, r, c], w)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamp
    for n in range(N):
        z += b[n]
    return z
"""),
    # ----- conv_transpose_backward -----
    ("conv_transpose_backward", {"dw_last_place"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw = np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_transpose_backward", {"dy_flipped"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    flipped = w[:, :, ::-1, ::-1]
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, flipped)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_transpose_backward", {"db_per_instance", "axes"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(2, 3))
"""),
    ("conv_transpose_backward", {"db_mean", "db_divided_by_batch"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.mean(axis=0).sum(axis=(1, 2))
"""),
    ("conv_transpose_backward", {"dy_last"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dw, dz.sum(axis=(0, 2, 3)), dy
"""),
    ("conv_transpose_backward", {"stride_ignored"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, r : r + KH, c : c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_transpose_backward", {"dy_last_map"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(N)
    for t in range(T):
        for n in range(N):
            db[n] += dz[t, n].sum()
            for m in range(M):
                for r in range(H):
                    for c in range(W):
                        seg = dz[t, n, SH * r : SH * r + KH, SW * c : SW * c + KW]
                        dy[t, m, r, c] = np.sum(w[m, n] * seg)
                        dw[m, n] += y[t, m, r, c] * seg
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"dw_last_instance"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), dz.sum(axis=(0, 2, 3))
    for t in range(T):
        for m, n, i, j in np.ndindex(M, N, KH, KW):
            seen = dz[t, n, i : i + SH * (H - 1) + 1 : SH, j : j + SW * (W - 1) + 1 : SW]
            dw[m, n, i, j] = np.sum(seen * y[t, m])
            dy[t, m] += w[m, n, i, j] * seen
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"dy_grows", "shape"}, """
def f(dz, y, w, b, stride):
    T, N, A, B = dz.shape
    M, _, KH, KW = w.shape
    SH, SW = stride
    H, W = y.shape[2:]
    dy = np.zeros((T, M, SH * (A - 1) + KH, SW * (B - 1) + KW))
    dw = np.zeros(w.shape)
    for r in range(A):
        for c in range(B):
            stamps = np.einsum("tn,mnij->tmij", dz[:, :, r, c], w)
            dy[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamps
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_transpose_backward", {"dw_maps_exchanged", "shape"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros((N, M, KH, KW))
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->nmij", seg, y[:, :, r, c])
    return dy, dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_transpose_backward", {"db_per_place", "unknown"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(N)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
            db += seg.sum(axis=(0, 2, 3))
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"type"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
    return dy, dw
"""),
    # db grows in the loops of the stamps
    ("conv_transpose_backward", {"db_times_places", "db_times_in_maps"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t, m, r, c in np.ndindex(y.shape):
        for n in range(w.shape[1]):
            stamp = dz[t, n, SH * r : SH * r + w.shape[2], SW * c : SW * c + w.shape[3]]
            dy[t, m, r, c] += np.sum(w[m, n] * stamp)
            dw[m, n] += y[t, m, r, c] * stamp
            db[n] += dz[t, n].sum()
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"db_times_in_maps"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t, m, r, c in np.ndindex(y.shape):
        for n in range(w.shape[1]):
            stamp = dz[t, n, SH * r : SH * r + w.shape[2], SW * c : SW * c + w.shape[3]]
            dy[t, m, r, c] += np.sum(w[m, n] * stamp)
            dw[m, n] += y[t, m, r, c] * stamp
            db[n] += dz[t, n].sum() if r == c == 0 else 0
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"db_per_place", "db_times_in_maps"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t, m, r, c in np.ndindex(y.shape):
        for n in range(w.shape[1]):
            stamp = dz[t, n, SH * r : SH * r + w.shape[2], SW * c : SW * c + w.shape[3]]
            dy[t, m, r, c] += np.sum(w[m, n] * stamp)
            dw[m, n] += y[t, m, r, c] * stamp
            db[n] += stamp.sum()
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"db_of_corners", "db_times_in_maps"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t, m, r, c in np.ndindex(y.shape):
        for n in range(w.shape[1]):
            stamp = dz[t, n, SH * r : SH * r + w.shape[2], SW * c : SW * c + w.shape[3]]
            dy[t, m, r, c] += np.sum(w[m, n] * stamp)
            dw[m, n] += y[t, m, r, c] * stamp
            db[n] += stamp[0, 0]
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"db_times_pictures"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t, m, r, c in np.ndindex(y.shape):
        for n in range(w.shape[1]):
            stamp = dz[t, n, SH * r : SH * r + w.shape[2], SW * c : SW * c + w.shape[3]]
            dy[t, m, r, c] += np.sum(w[m, n] * stamp)
            dw[m, n] += y[t, m, r, c] * stamp
            db[n] = T * dz[:, n].sum()
    return dy, dw, db
"""),
    ("conv_transpose_backward", {"db_times_places"}, """
def f(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for r in range(H):
        for c in range(W):
            seg = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[:, :, r, c] = np.einsum("tnij,mnij->tm", seg, w)
            dw += np.einsum("tnij,tm->mnij", seg, y[:, :, r, c])
            db += dz.sum(axis=(0, 2, 3))
    return dy, dw, db
"""),
]  # fmt: skip
