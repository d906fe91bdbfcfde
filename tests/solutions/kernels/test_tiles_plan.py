"""The tables: an offset of the place plus an offset of the filter element is where they meet."""

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.kernels import tiles_plan as plans
from solutions.kernels.tiles_plan import Maps

CASES = [  # H, W, kernel, stride, padding, dilation
    (7, 8, (3, 2), 1, 0, 1),
    (9, 6, (3, 3), 2, 1, 1),
    (8, 11, (2, 3), (3, 2), ((1, 0), (0, 2)), 1),
    (10, 9, (3, 2), (2, 1), (2, 1), (2, 3)),
    (5, 7, (1, 1), 3, 0, 1),
]


def geometry_of(H, W, kernel, stride, padding, dilation):
    y, w = np.zeros((1, 2, H, W)), np.zeros((3, 2, *kernel))
    return conv_geometry(y, w, None, stride, padding, dilation, 1)


def with_border(maps, y):
    """y (M, H, W) as the loops lay it out, flat."""
    memory = np.zeros(maps.numbers)
    for m in range(len(y)):
        memory[maps.where + m * maps.apart[0]] = y[m].ravel()
    return memory


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_offset_tables_are_the_matrix_of_patches(case, last):
    geometry = geometry_of(*case)
    maps, part = plans.forward_part(geometry, 2)
    maps = Maps(2, maps.size, maps.top, maps.left, maps.high, maps.wide, last)
    y = np.random.default_rng(0).standard_normal((2, *geometry.size))
    patches = with_border(maps, y)[part.places(maps)[:, None] + part.elements(maps)]
    windows = geometry.windows(geometry.pad(y[None]))[0]  # M, H_out, W_out, KH, KW
    order = (1, 2, 3, 4, 0) if last else (1, 2, 0, 3, 4)
    np.testing.assert_array_equal(patches, windows.transpose(order).reshape(patches.shape))


@pytest.mark.parametrize("case", CASES)
def test_stride_phases_reach_each_element_once(case):
    """dy by the parts' tables alone: each part sums dz * w over its own taps."""
    geometry = geometry_of(*case)
    rng = np.random.default_rng(0)
    dz, w = rng.standard_normal((3, *geometry.out)), rng.standard_normal((3, *geometry.kernel))
    maps, parts = plans.backward_parts(geometry, 3)
    memory = with_border(maps, dz)
    dy, times = np.zeros(geometry.size), np.zeros(geometry.size, int)
    for part in parts:
        met = memory[part.places(maps)[:, None] + part.elements(maps)]
        taps = part.filter_places(maps, geometry.kernel, (1, w[0].size))
        at = np.ix_(*part.at)
        dy[at] = (met @ w.ravel()[taps]).reshape(dy[at].shape)
        times[at] += 1
    assert (times == 1).all()
    expected = geometry.padded_zeros(1, 1, dy)
    for n, i, j in np.ndindex(w.shape):
        geometry.met_by(expected, i, j)[0, 0] += w[n, i, j] * dz[n]
    np.testing.assert_allclose(dy, geometry.crop(expected)[0, 0], rtol=0, atol=1e-13)


def test_planes_are_an_odd_number_of_cache_lines_apart():
    for high in range(1, 40):
        apart, _, _ = Maps(3, (high - 1, 7), 1, 0, high, 7).apart
        assert apart >= 7 * high and apart * 4 % 64 == 0 and apart * 4 // 64 % 2 == 1


def test_maps_without_a_border_are_not_copied():
    assert Maps(3, (5, 7), 0, 0, 5, 7).as_they_are
    assert not Maps(3, (5, 7), 0, 1, 5, 8).as_they_are
    assert not Maps(3, (5, 7), 0, 0, 5, 7, last=True).as_they_are


def test_the_last_group_overlaps_instead_of_reaching_beyond():
    assert plans.groups_of_rows(7, 3) == [0, 3, 4]
    assert plans.groups_of_columns(40, 16) == [(0, 16), (16, 16), (24, 16)]
    assert plans.groups_of_columns(10, 16) == [(0, 10)]


def test_the_last_row_is_repeated_for_the_last_tile():
    assert plans.repeat_last(np.array([[1, 2], [3, 5]]), 3).tolist() == [[1, 2, 2, 2], [3, 5, 5, 5]]


def test_sums_of_axes():
    """10*i + j for i < 2, j < 3."""
    found = plans.combined(10 * np.arange(2), np.arange(3))
    assert found.tolist() == [0, 1, 2, 10, 11, 12]


def test_few_maps_have_positions_in_the_lanes_and_strided_rows_never():
    geometry = conv_geometry(np.zeros((1, 1, 28, 28)), np.zeros((6, 1, 5, 5)), None, 1, 2, 1, 1)
    assert plans.forward_plan(geometry, 1, 6, 16).packing is None
    strided = conv_geometry(np.zeros((1, 1, 28, 28)), np.zeros((6, 1, 5, 5)), None, 2, 2, 1, 1)
    assert plans.forward_plan(strided, 1, 6, 16).packing is not None
    many = conv_geometry(np.zeros((1, 64, 8, 8)), np.zeros((64, 64, 1, 1)), None, 1, 0, 1, 1)
    assert plans.forward_plan(many, 64, 64, 16).packing is not None


def test_few_out_maps_have_filter_rows_in_the_lanes():
    geometry = conv_geometry(np.zeros((1, 1, 28, 28)), np.zeros((6, 1, 5, 5)), None, 1, 2, 1, 1)
    rows_are_cheaper = lambda *args: np.argmin(plans.costs_of_backward_w(*args)) == 1  # noqa: E731
    assert rows_are_cheaper(geometry, 1, 6, 16)
    dilated = conv_geometry(np.zeros((1, 1, 28, 28)), np.zeros((6, 1, 5, 5)), None, 1, 2, 2, 1)
    assert not rows_are_cheaper(dilated, 1, 6, 16)  # its elements are no neighbours
    assert not rows_are_cheaper(geometry, 32, 32, 16)
