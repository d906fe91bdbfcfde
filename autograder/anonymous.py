"""Code of a learner's without the learner: no comments, no strings, no names of their own.

For examples in the class report. What stays are the names that everybody has (Python's, NumPy's,
the task's arguments) and the structure.
"""

import ast
import builtins
from collections.abc import Collection
from typing import TypeVar

import numpy as np

LARGEST = 9999  # a larger number may be somebody's: it becomes 0
MODULES = frozenset({"np", "numpy", "math", "itertools"})
KNOWN = frozenset({*dir(builtins), *MODULES})
ATTRIBUTES = frozenset({*dir(np), *dir(np.ndarray), *dir(np.linalg), *dir(np.lib.stride_tricks)})
KEYWORDS = frozenset(
    "axis axes dtype keepdims out initial where order shape mode constant_values pad_width "
    "optimize strides writeable key reverse".split()
)

Body = TypeVar("Body", ast.FunctionDef, ast.ClassDef, ast.Module)


def anonymous(source: str, kept: Collection[str] = ()) -> str:
    """The code with names replaced by v1, v2 ...; "" if it is no Python.

    `kept` are the names of the task: its function and arguments.
    """
    try:
        tree = ast.parse(source)
        return ast.unparse(ast.fix_missing_locations(_Anonymous(kept).visit(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def without_docstrings(source: str) -> str:
    """The code alone, in one layout: no docstrings, no comments; the text itself if no Python."""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                node.body = [s for s in node.body if not _is_text(s)] or [ast.Pass()]
        return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source


def _is_text(statement: ast.stmt) -> bool:
    """A docstring, or another string that stands alone."""
    value = getattr(statement, "value", None)
    return isinstance(statement, ast.Expr) and isinstance(value, ast.Constant | ast.JoinedStr)


class _Anonymous(ast.NodeTransformer):
    def __init__(self, kept: Collection[str]) -> None:
        self.kept = KNOWN | frozenset(kept)
        self.names: dict[str, str] = {}

    def name(self, name: str) -> str:
        if name in self.kept:
            return name
        return self.names.setdefault(name, f"v{len(self.names) + 1}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.name(node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.name(node.arg))

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        if node.arg is not None and node.arg not in KEYWORDS:
            node.arg = self.name(node.arg)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        node.attr = node.attr if node.attr in ATTRIBUTES else self.name(node.attr)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, str | bytes):
            return ast.copy_location(ast.Constant(type(value)()), node)
        if isinstance(value, int | float | complex) and not abs(value) <= LARGEST:
            return ast.copy_location(ast.Constant(0), node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.copy_location(ast.Constant(""), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns, node.type_comment = self.name(node.name), None, None
        self.generic_visit(node)
        return self._without_texts(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.name(node.name)
        self.generic_visit(node)
        return self._without_texts(node)

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        return self._without_texts(node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self.name(n) for n in node.names]
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self.name(n) for n in node.names]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.name = node.name and self.name(node.name)
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    # what holds names in other places (lambda's and comprehensions' are Name and arg) is left out

    def visit_Match(self, node: ast.Match) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def _without_texts(self, node: Body) -> Body:
        node.body = [s for s in node.body if not _is_text(s)] or [ast.Pass()]
        return node
