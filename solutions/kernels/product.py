"""A matrix product of rows with rows: out[n, p] = start[n] + sum over k of a[n, k] * b[p, k].

Why not BLAS: both matrices are read along their rows, which is its slow case, and at the sizes of a
filter bank these loops are about as fast or faster (measured: `benchmarks/kernels.py`). Twelve sums
are kept at once, of 3 rows with 4: each element of a is then used 4 times and each of b 3 times for
one load, and 12 sums with 3 + 1 operands are what 16 vector registers hold. The compiler makes of
each sum a register of partial sums, which it may because the order of adding is left to it.
"""

from solutions.arguments import Array
from solutions.kernels.jit import U, jit_any_order


@jit_any_order
def product(out: Array, a: Array, b: Array, start: Array) -> None:
    """Fill out (N, P) from a (N, K), b (P, K or more) and start (N,)."""
    (N, K), P = a.shape, b.shape[0]
    for p in range(0, P, 4):
        # beyond the last row stands the last row again, with the same result
        p1, p2, p3 = min(p + 1, P - 1), min(p + 2, P - 1), min(p + 3, P - 1)
        for n in range(0, N, 3):
            n1, n2 = min(n + 1, N - 1), min(n + 2, N - 1)
            s00 = s01 = s02 = s03 = start[n]
            s10 = s11 = s12 = s13 = start[n1]
            s20 = s21 = s22 = s23 = start[n2]
            for k in range(K):
                a0, a1, a2 = a[n, U(k)], a[n1, U(k)], a[n2, U(k)]
                b0, b1, b2, b3 = b[p, U(k)], b[p1, U(k)], b[p2, U(k)], b[p3, U(k)]
                s00, s10, s20 = s00 + a0 * b0, s10 + a1 * b0, s20 + a2 * b0
                s01, s11, s21 = s01 + a0 * b1, s11 + a1 * b1, s21 + a2 * b1
                s02, s12, s22 = s02 + a0 * b2, s12 + a1 * b2, s22 + a2 * b2
                s03, s13, s23 = s03 + a0 * b3, s13 + a1 * b3, s23 + a2 * b3
            out[n, p], out[n, p1], out[n, p2], out[n, p3] = s00, s01, s02, s03
            out[n1, p], out[n1, p1], out[n1, p2], out[n1, p3] = s10, s11, s12, s13
            out[n2, p], out[n2, p1], out[n2, p2], out[n2, p3] = s20, s21, s22, s23
