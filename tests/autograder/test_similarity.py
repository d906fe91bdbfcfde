"""Near-identical code is found, whatever its names and comments; other ways to write it are not."""

from autograder.similarity import near_identical

LOOPS = """
def conv_db(dz):
    T, N, H, W = dz.shape
    db = np.zeros(N)
    for t in range(T):
        for n in range(N):
            for r in range(H):
                for c in range(W):
                    db[n] += dz[t, n, r, c]
    return db
"""
RENAMED = LOOPS.replace("db", "out").replace("range(W):", "range(W):  # columns")
OTHER = '''
def conv_db(dz):
    """The bias."""
    total = dz.sum(axis=(0, 2, 3))
    maps = total.shape[0]
    answer = np.empty(maps)
    answer[:] = total
    assert answer.ndim == 1 and np.isfinite(answer).all()
    return np.ascontiguousarray(answer, dtype=dz.dtype)
'''


def test_renamed_and_commented_copies_are_one_group():
    (group,) = near_identical({"ada": LOOPS, "ben": OTHER, "cy": RENAMED})
    assert group.names == ("ada", "cy") and group.share > 0.9


def test_other_ways_to_write_it_are_no_group():
    assert near_identical({"ada": LOOPS, "ben": OTHER}) == []


def test_what_everybody_was_given_counts_for_nothing():
    assert near_identical({"ada": LOOPS, "ben": LOOPS}, released=LOOPS) == []


def test_short_and_empty_codes_are_left_out():
    short = "def f(x):\n    return x + 1"
    assert near_identical({"a": short, "b": short, "c": "", "d": ""}) == []


def test_groups_are_joined_and_the_smallest_comes_first():
    codes = {f"s{k}": LOOPS.replace("dz", f"dz{k}") for k in range(4)}
    groups = near_identical({**codes, "x": OTHER, "y": OTHER})
    assert [g.names for g in groups] == [("x", "y"), ("s0", "s1", "s2", "s3")]


def test_code_that_is_no_python_is_compared_as_text():
    broken = LOOPS + "\nreturn ) ("
    (group,) = near_identical({"a": broken, "b": broken})
    assert group.names == ("a", "b")
