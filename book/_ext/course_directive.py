"""The directive `{course-table} chapters` (`routes`, `planning`): minutes, points.

See book/figures/course_table.py. Not a page cell: its numbers change when another page does, and
the page that holds it is then read again.
"""

from docutils import nodes
from docutils.statemachine import StringList
from figures import course_table
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TABLES = {
    "chapters": course_table.chapters_table,
    "routes": course_table.routes_table,
    "planning": course_table.planning_table,
}


class CourseTableDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        kind = self.arguments[0]
        if kind not in TABLES:
            raise self.error(f"course-table: {kind!r} must be one of {', '.join(TABLES)}")
        for path in course_table.CHAPTERS.glob("ch*.md"):
            self.env.note_dependency(str(path))
        parsed = nodes.Element()
        lines = StringList(TABLES[kind]().splitlines(), source=self.get_source_info()[0])
        self.state.nested_parse(lines, self.content_offset, parsed)
        return parsed.children


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("course-table", CourseTableDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
