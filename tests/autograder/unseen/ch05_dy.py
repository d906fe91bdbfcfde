"""Chapter 05: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "influence_mask",
        "The block goes down and to the right of (r, c) instead of up and to the left: it "
        "marks r to r + KH - 1 and c to c + KW - 1.",
        {"looks_forward"},
        True,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), dtype=bool)
    mask[r:r + KH, c:c + KW] = True
    return mask
""",
    ),
    (
        "influence_mask",
        "The start of the slices is not held at 0, so near the top or left edge it is "
        "negative and NumPy counts it from the end.",
        {"not_clipped"},
        True,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), dtype=bool)
    mask[r - KH + 1:r + 1, c - KW + 1:c + 1] = True
    return mask
""",
    ),
    (
        "influence_mask",
        "The block starts one too early: the slices begin at r - KH and c - KW instead of r - "
        "KH + 1 and c - KW + 1, so it is one row and one column too large wherever there is "
        "room for them.",
        {"one_too_many"},
        True,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), dtype=bool)
    top, left = max(0, r - KH), max(0, c - KW)
    bottom, right = min(H_out, r + 1), min(W_out, c + 1)
    mask[top:bottom, left:right] = True
    return mask
""",
    ),
    (
        "influence_mask",
        "It only asks that r' <= r and c' <= c and forgets that the filter ends after KH rows "
        "and KW columns, so everything up and left of the pixel is marked.",
        {"above_too"},
        False,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    rows = np.arange(H_out)[:, None]
    cols = np.arange(W_out)[None, :]
    return (rows <= r) & (cols <= c)
""",
    ),
    (
        "influence_mask",
        "The mask holds the numbers 0. and 1. (float) instead of bool.",
        {"dtype"},
        True,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out))
    for i in range(KH):
        for j in range(KW):
            rr, cc = r - i, c - j
            if 0 <= rr < H_out and 0 <= cc < W_out:
                mask[rr, cc] = True
    return mask
""",
    ),
    (
        "influence_mask",
        "Two mistakes: KH and KW are exchanged (KW rows and KH columns are marked), and the "
        "mask is of type int instead of bool.",
        {"dtype"},
        True,
        """
def influence_mask(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), dtype=int)
    for rr in range(H_out):
        for cc in range(W_out):
            if rr <= r < rr + KW and cc <= c < cc + KH:
                mask[rr, cc] = 1
    return mask
""",
    ),
    (
        "pixel_gradient",
        "It loops over the whole of Z and skips only indices that raise an error, so negative "
        "r - r' or c - c' read w from the end and are added wrongly.",
        {"negative_indices"},
        True,
        """
def pixel_gradient(dz, w, t, m, r, c):
    T, N, H_out, W_out = dz.shape
    total = 0.0
    for n in range(N):
        for rr in range(H_out):
            for cc in range(W_out):
                try:
                    total += dz[t, n, rr, cc] * w[n, m, r - rr, c - cc]
                except IndexError:
                    pass
    return float(total)
""",
    ),
    (
        "pixel_gradient",
        "It loops over the filter and checks only the upper end of r - i and c - j, so "
        "negative positions of Z are read from the end of dz and added wrongly.",
        {"negative_places_only"},
        False,
        """
def pixel_gradient(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    g = 0.0
    for n in range(N):
        for i in range(KH):
            for j in range(KW):
                if r - i < H_out and c - j < W_out:
                    g += w[n, m, i, j] * dz[t, n, r - i, c - j]
    return float(g)
""",
    ),
    (
        "pixel_gradient",
        "It leaves out the sum over the filters: only the Z map with the number m is used (n "
        "= m), so it is also out of range when m >= N.",
        {"same_map_only"},
        False,
        """
def pixel_gradient(dz, w, t, m, r, c):
    _, _, KH, KW = w.shape
    _, _, H_out, W_out = dz.shape
    total = 0.0
    for rp in range(H_out):
        for cp in range(W_out):
            i, j = r - rp, c - cp
            if 0 <= i < KH and 0 <= j < KW:
                total += dz[t, m, rp, cp] * w[m, m, i, j]
    return float(total)
""",
    ),
    (
        "pixel_gradient",
        "The sign of the filter index is wrong: it uses w at (r' - r, c' - c) instead of (r - "
        "r', c - c'), so it looks down and right of the pixel.",
        {"looks_forward"},
        True,
        """
def pixel_gradient(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    total = 0.0
    for n in range(N):
        for rp in range(dz.shape[2]):
            for cp in range(dz.shape[3]):
                i = rp - r
                j = cp - c
                if i >= 0 and i < KH and j >= 0 and j < KW:
                    total += dz[t, n, rp, cp] * w[n, m, i, j]
    return float(total)
""",
    ),
    (
        "pixel_gradient",
        "The test for the filter's range is 0 < r - r' < KH (and the same for columns), which "
        "leaves out row 0 and column 0 of the filter.",
        {"first_of_filter_missing"},
        True,
        """
def pixel_gradient(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[2], dz.shape[3]
    terms = [dz[t, n, a, b] * w[n, m, r - a, c - b]
             for n in range(N) for a in range(H_out) for b in range(W_out)
             if 0 < r - a < KH and 0 < c - b < KW]
    return float(sum(terms))
""",
    ),
    (
        "pixel_gradient",
        "It sums over all in-maps of the filters instead of taking only plane m.",
        {"sums_over_in_maps"},
        True,
        """
def pixel_gradient(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[-2:]
    out = 0.0
    for rp in range(max(0, r - KH + 1), min(H_out, r + 1)):
        for cp in range(max(0, c - KW + 1), min(W_out, c + 1)):
            out += np.sum(dz[t, :, rp, cp][:, None] * w[:, :, r - rp, c - cp])
    return float(out)
""",
    ),
    (
        "pixel_gradient",
        "Two mistakes: the picture index t is ignored and the gradient is summed over all "
        "pictures, and the upper bound of r' and c' is r and c (excluded) instead of r + 1 "
        "and c + 1, so the filter's row 0 and column 0 are left out.",
        {"first_of_filter_missing"},
        True,
        """
def pixel_gradient(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    T, N, H_out, W_out = dz.shape
    total = 0.0
    for n in range(N):
        for rp in range(max(0, r - KH + 1), min(r, H_out)):
            for cp in range(max(0, c - KW + 1), min(c, W_out)):
                total += dz[:, n, rp, cp].sum() * w[n, m, r - rp, c - cp]
    return float(total)
""",
    ),
    (
        "conv_dy_scatter",
        "It assigns to dy with = instead of +=, so later contributions overwrite earlier ones.",
        {"overwrite_by_pixel"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    for m in range(M):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r + i, c + j] = w[n, m, i, j] * dz[t, n, r, c]
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "The filter is flipped in both picture axes although the scatter needs it unflipped.",
        {"needless_flip"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    w = np.flip(w, axis=(2, 3))
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    dy[t, :, r:r + KH, c:c + KW] += w[n] * dz[t, n, r, c]
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "It takes the filter as square: KH is used for the columns too and KW is never read.",
        {"one_size"},
        False,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    M = w.shape[1]
    K = w.shape[2]
    dy = np.zeros((T, M, H_out + K - 1, W_out + K - 1))
    for i in range(K):
        for j in range(K):
            for n in range(N):
                for m in range(M):
                    dy[:, m, i:i + H_out, j:j + W_out] += w[n, m, i, j] * dz[:, n]
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "It uses += with index arrays that repeat positions, and NumPy then adds only one of "
        "the repeated contributions (np.add.at would be needed).",
        {"overwrite_by_pixel"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    r, c, i, j = np.indices((H_out, W_out, KH, KW))
    parts = np.einsum('tnrc,nmij->tmrcij', dz, w)
    dy[:, :, r + i, c + j] += parts
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "The array of zeros is made anew for each picture inside the loop over t, so all "
        "pictures but the last stay lost and come out as 0.",
        {"last_instance"},
        False,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    for t in range(T):
        dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
        for n in range(N):
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        dy[t, m, i:i + H_out, j:j + W_out] += w[n, m, i, j] * dz[t, n]
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "The roles of rows and columns of the filter are exchanged: w[n, m, i, j]'s "
        "contribution is sent to (r + j, c + i) instead of (r + i, c + j).",
        {"filter_transposed"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H, W = dz.shape
    N, M, KH, KW = w.shape
    dy = np.zeros((T, M, H + KH - 1, W + KW - 1))
    for i in range(KH):
        for j in range(KW):
            dy[:, :, j:j + H, i:i + W] += np.einsum('nm,tnrc->tmrc', w[:, :, i, j], dz)
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "Two mistakes: it sums the filters over their in-maps, so every map of dy gets the "
        "same sum, and it divides the result by the number of pictures T.",
        {"summed_over_in_maps"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    wsum = w.sum(axis=1, keepdims=True) * np.ones((1, M, 1, 1))
    for i in range(KH):
        for j in range(KW):
            dy[:, :, i:i + H_out, j:j + W_out] += np.tensordot(dz, wsum[:, :, i, j], axes=(1, 0)).transpose(0, 3, 1, 2)
    return dy / T
""",
    ),
    (
        "conv_dy_scatter",
        "dy gets the shape (T, M, H_out + KH, W_out + KW): one row and one column too many, "
        "which stay zero.",
        {"shape"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH, W_out + KW))
    for r in range(H_out):
        for c in range(W_out):
            dy[:, :, r:r + KH, c:c + KW] += np.einsum('tn,nmij->tmij', dz[:, :, r, c], w)
    return dy
""",
    ),
    (
        "conv_dy_scatter",
        "Two mistakes: only the first filter (n = 0) is used instead of the sum over all n, "
        "and w[n, m, i, j]'s contribution is sent to (r + KH - 1 - i, c + KW - 1 - j), so the "
        "filter is in effect flipped.",
        {"needless_flip"},
        True,
        """
def conv_dy_scatter(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for m in range(M):
        for i in range(KH):
            for j in range(KW):
                r0, c0 = KH - 1 - i, KW - 1 - j
                dy[:, m, r0:r0 + H_out, c0:c0 + W_out] += w[0, m, i, j] * dz[:, 0]
    return dy
""",
    ),
    (
        "conv_dy_flip",
        "The filters are not flipped at all before they slide over the padded maps.",
        {"no_flip"},
        True,
        """
def conv_dy_flip(dz, w):
    N, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    win = sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.einsum('tnrcij,nmij->tmrc', win, w)
""",
    ),
    (
        "conv_dy_flip",
        "The filters are flipped left-right only (the last axis), not up-down.",
        {"flip_columns_only"},
        True,
        """
def conv_dy_flip(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)), mode='constant')
    flipped = w[:, :, :, ::-1]
    H, W = H_out + KH - 1, W_out + KW - 1
    dy = np.zeros((T, M, H, W))
    for r in range(H):
        for c in range(W):
            block = padded[:, :, r:r + KH, c:c + KW]
            dy[:, :, r, c] = np.tensordot(block, flipped, axes=([1, 2, 3], [0, 2, 3]))
    return dy
""",
    ),
    (
        "conv_dy_flip",
        "np.rot90(w, 2) without axes turns the first two axes, so the order of the filters "
        "and the in-maps is reversed and the picture axes are left unflipped.",
        {"flip_maps_only"},
        True,
        """
def conv_dy_flip(dz, w):
    w_flip = np.rot90(w, 2)
    N, M, KH, KW = w.shape
    p = np.pad(dz, [(0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)])
    blocks = np.lib.stride_tricks.sliding_window_view(p, (KH, KW), axis=(2, 3))
    return np.einsum('nmij,tnrcij->tmrc', w_flip, blocks)
""",
    ),
    (
        "conv_dy_flip",
        "The planes are transposed (rows and columns exchanged) instead of flipped; it also "
        "only runs for square filters.",
        {"transposed_not_flipped"},
        False,
        """
def conv_dy_flip(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    padded = np.zeros((T, N, H_out + 2 * (KH - 1), W_out + 2 * (KW - 1)))
    padded[:, :, KH - 1:KH - 1 + H_out, KW - 1:KW - 1 + W_out] = dz
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for m in range(M):
            for n in range(N):
                k = w[n, m].T
                for r in range(dy.shape[2]):
                    for c in range(dy.shape[3]):
                        dy[t, m, r, c] += (k * padded[t, n, r:r + KH, c:c + KW]).sum()
    return dy
""",
    ),
    (
        "conv_dy_flip",
        "The paddings are exchanged: KW - 1 rows above and below and KH - 1 columns left and "
        "right, right only for square filters.",
        {"shapes"},
        True,
        """
def conv_dy_flip(dz, w):
    KH, KW = w.shape[2:]
    flipped = np.flip(w, (2, 3))
    padded = np.pad(dz, ((0, 0), (0, 0), (KW - 1, KW - 1), (KH - 1, KH - 1)))
    win = sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.einsum('tnrcij,nmij->tmrc', win, flipped)
""",
    ),
    (
        "conv_dy_flip",
        "All the zeros are put above and left of the map (2*(KH - 1) rows, 2*(KW - 1) "
        "columns) and none below and right, so dy is shifted.",
        {"padding_all_in_front"},
        False,
        """
def conv_dy_flip(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (2 * (KH - 1), 0), (2 * (KW - 1), 0)))
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for i in range(KH):
        for j in range(KW):
            part = padded[:, :, i:i + dy.shape[2], j:j + dy.shape[3]]
            dy += np.einsum('nm,tnrc->tmrc', w[:, :, KH - 1 - i, KW - 1 - j], part)
    return dy
""",
    ),
    (
        "conv_dy_flip",
        "The filters are flipped twice, once by slicing and again by the indices KH - 1 - i "
        "and KW - 1 - j, so in effect they are not flipped.",
        {"no_flip"},
        True,
        """
def conv_dy_flip(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    flipped = w[:, :, ::-1, ::-1]
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for m in range(M):
            for r in range(H_out + KH - 1):
                for c in range(W_out + KW - 1):
                    for n in range(N):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r, c] += flipped[n, m, KH - 1 - i, KW - 1 - j] * padded[t, n, r + i, c + j]
    return dy
""",
    ),
    (
        "conv_dy_flip",
        "dz is padded with KH and KW zeros on each side instead of KH - 1 and KW - 1, so dy "
        "comes out two rows and two columns too large.",
        {"shape"},
        True,
        """
def conv_dy_flip(dz, w):
    N, M, KH, KW = w.shape
    rot = np.rot90(w, 2, axes=(2, 3))
    padded = np.pad(dz, ((0, 0), (0, 0), (KH, KH), (KW, KW)))
    win = sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.tensordot(win, rot, axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)
""",
    ),
    (
        "conv_dy_flip",
        "Two mistakes: all four axes of w are flipped, so filters and in-maps are reversed "
        "too, and dz is padded by repeating its border (mode 'edge') instead of with zeros.",
        {"flip_everything", "padding_by_edge"},
        False,
        """
def conv_dy_flip(dz, w):
    KH, KW = w.shape[-2:]
    flipped = np.flip(w)
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)), mode='edge')
    win = sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.einsum('tnrcij,nmij->tmrc', win, flipped)
""",
    ),
    (
        "conv_dy_flip",
        "dy[t, m, r, c] is assigned anew for every filter n instead of summed, so only the "
        "last filter counts.",
        {"last_map_only"},
        True,
        """
def conv_dy_flip(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.empty((T, M, H_out + KH - 1, W_out + KW - 1))

    def slide(plane, kernel):
        v = sliding_window_view(np.pad(plane, ((KH - 1,) * 2, (KW - 1,) * 2)), (KH, KW))
        return (v * kernel).sum(axis=(2, 3))

    for t in range(T):
        for m in range(M):
            for n in range(N):
                dy[t, m] = slide(dz[t, n], w[n, m, ::-1, ::-1])
    return dy
""",
    ),
]
