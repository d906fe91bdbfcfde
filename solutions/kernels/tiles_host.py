"""What the processor can hold in registers, and so how large a tile of sums is.

A vector register holds several neighbouring numbers and computes with all of them in one
instruction. Three kinds of machine matter here (16 float32 are 64 bytes):

    AVX-512       32 registers of 64 bytes
    AVX2 and FMA  16 registers of 32 bytes
    any other     16 registers of 16 bytes (SSE; the smallest that 64-bit processors have)

A tile of R x V registers needs R*V of them for its sums, V for the vectors that it multiplies, and
one for the number that they are multiplied by; what is more goes to memory and back, which costs
half the speed. `many` is as square as that allows: each number that is loaded is then used most
often. `one` is for a single vector of maps; `six` and `few` for a few maps and rows of a picture.
`lanes` are for products of vectors with vectors, whose rows are filter elements: 5 is a row of 5 x 5.
"""

from dataclasses import dataclass
from functools import cache

Shape = tuple[tuple[int, ...], tuple[int, ...]]  # R and V, as the lengths of two tuples


@dataclass(frozen=True)
class Host:
    """The bytes of a vector register, and the tile shapes (R, V)."""

    register: int
    many: tuple[int, int]
    one: tuple[int, int]
    six: tuple[int, int]
    few: tuple[int, int]
    lanes: tuple[tuple[int, int], ...]


AVX512 = Host(64, (8, 2), (8, 1), (6, 2), (3, 4), ((5, 4), (5, 3)))
AVX2 = Host(32, (6, 2), (8, 1), (6, 2), (3, 3), ((5, 2),))
ANY = Host(16, (6, 2), (8, 1), (6, 2), (3, 3), ((5, 2),))


def host_with(features: str) -> Host:
    """The host for LLVM's list of features, like "+avx,-avx512f"."""
    has = set(features.split(","))
    if "+avx512f" in has:
        return AVX512
    return AVX2 if has >= {"+avx2", "+fma"} else ANY


@cache
def host() -> Host:
    """This machine, as Numba sees it (`NUMBA_CPU_FEATURES` may have told it to see less)."""
    from numba.core.registry import cpu_target  # type: ignore[import-untyped, unused-ignore]

    _, _, features = cpu_target.target_context.codegen().magic_tuple()
    return host_with(features)


def as_lengths(shape: tuple[int, int]) -> Shape:
    """(R, V) as two tuples of that length.

    Numba makes machine code for the types of the arguments, and a tuple's length is part of its
    type: this is how one function gets code of its own for each shape of tile.
    """
    return (0,) * shape[0], (0,) * shape[1]
