"""Nothing of a person is left in an example: no name, no string, no comment, no long number."""

import ast

import pytest

from autograder.anonymous import anonymous, without_docstrings

SECRET = "lovelace"
SOURCE = f'''
# {SECRET}
import {SECRET}_tools as {SECRET}
from {SECRET} import {SECRET}2
"""{SECRET}"""
NUMBER = 8844221
async def {SECRET}_later(): ...
class {SECRET}(object):
    """{SECRET}"""
    {SECRET} = b"{SECRET}"
@{SECRET}
def conv_dw(dz, y, {SECRET}=1, *{SECRET}s, key={{"{SECRET}": 2}}):
    """{SECRET}"""
    global {SECRET}_x
    {SECRET}: {SECRET}_type = np.zeros((1, 2)).{SECRET}_attribute
    for {SECRET}_i in range(3):
        {SECRET} += f"{{dz}} {SECRET}" + str({SECRET}_i)
    try:
        out = np.tensordot(dz, y, axes=((0,), (0,)), {SECRET}_key=3)
    except ValueError as {SECRET}_error:
        raise KeyError("{SECRET}") from {SECRET}_error
    match {SECRET}:
        case {SECRET}_m: pass
    return lambda {SECRET}_l: [{SECRET}_c for {SECRET}_c in out if ({SECRET}_w := 1)]
'''


def test_no_trace_of_the_writer_is_left():
    shown = anonymous(SOURCE, ("conv_dw", "dz", "y"))
    assert SECRET not in shown and "8844221" not in shown and "#" not in shown
    for kept in ("def conv_dw(dz, y", "np.tensordot(dz, y, axes=((0,), (0,))", "range(3)"):
        assert kept in shown
    ast.parse(shown)


def test_the_same_name_stays_the_same_name():
    assert anonymous("a = 1\nb = a + a") == "v1 = 1\nv2 = v1 + v1"


@pytest.mark.parametrize("source", ["def (", "\0", "(" * 3000, "x = 'é' ?"])
def test_what_is_no_python_is_not_shown(source):
    assert anonymous(source) == ""


def test_without_docstrings_keeps_the_code():
    source = 'def f(x):\n    """Add one."""\n    # comment\n    return x+1\n'
    assert without_docstrings(source) == "def f(x):\n    return x + 1"
    assert without_docstrings("def (") == "def ("
