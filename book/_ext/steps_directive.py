"""The directive `{steps}`: a steppable figure, numbered and with a caption.

    :::{steps} ch05_dy.influence
    :name: fig-influence
    Caption in MyST.
    :::

The argument is a module of book/figures and a function in it that returns a StepFigure. Whatever
is wrong with it is reported at the directive, as Sphinx reports its own errors.
"""

import importlib
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from figures.element import html
from figures.steps import StepFigure
from html_nodes import Leaf
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def load(target: str) -> StepFigure:
    """The figure named `module.function`, or a ValueError that says what is wrong with it."""
    module_name, _, function_name = target.rpartition(".")
    if not module_name or not target.replace(".", "").isidentifier():
        raise ValueError(f"{target!r} is not module.function")
    try:
        module = importlib.import_module(f"figures.{module_name}")
    except ModuleNotFoundError as problem:
        raise ValueError(f"{target!r}: {problem}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise ValueError(f"{target!r}: figures/{module_name}.py has no function {function_name!r}")
    figure = function()
    if not isinstance(figure, StepFigure):
        raise ValueError(f"{target!r} returned a {type(figure).__name__}, not a StepFigure")
    return figure


class StepsDirective(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        try:
            figure = load(self.arguments[0])
        except ValueError as problem:
            raise self.error(f"steps: {problem}") from problem
        box = nodes.figure("", Leaf("", html=html(figure)), classes=["steps"])
        box += self.caption()
        self.set_source_info(box)
        self.add_name(box)
        return [box]

    def caption(self) -> nodes.caption:
        """The content's one paragraph; without it the figure would have no number."""
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        if [type(child) for child in parsed.children] != [nodes.paragraph]:
            raise self.error(f"steps: {self.arguments[0]} needs a caption of one paragraph")
        return nodes.caption("", "", *parsed.children[0].children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("html_nodes")
    # override: sphinx-design has a `steps` of its own (numbered instructions), unused in this book
    app.add_directive("steps", StepsDirective, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
