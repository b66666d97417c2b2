"""The door between notebooks and pages: one myst-nb plugin for the outputs that are ours."""

import nh3
from docutils import nodes

from shockbook import stored
from shockbook.charts.table import MIME as TABLE_MIME
from shockbook.site.figures import CHART_MIMES, chart_nodes
from shockbook.site.notebooks import record_node
from shockbook.site.tables import record_table

VERDICT_MIME = "application/vnd.shockbook.verdict+json"
OURS = (*CHART_MIMES, TABLE_MIME, VERDICT_MIME, stored.NUMBERS, stored.PROSE)


class ShockbookMime:
    """Renders charts, figures, verdicts and told prose (entry ``myst_nb.mime_renderers``)."""

    mime_priority_overrides = [("*", mime, rank) for rank, mime in enumerate(OURS, start=1)]

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return nodes for an output of ours, nothing for its stand-ins, None for any other."""
        env = renderer.renderer.sphinx_env
        if inline or env is None or "shockbook.site" not in env.app.extensions:
            return None
        _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
        bundle = outputs[data.output_index].get("data", {})
        ours = next((mime for mime in OURS if mime in bundle), None)
        if ours is None:
            foreign = FOREIGN.get(data.mime_type)
            return foreign and foreign(renderer, data)
        if data.mime_type != ours:
            return []  # the text or the picture beside it, for viewers that know no better
        if ours in CHART_MIMES:
            return chart_nodes(renderer, data)
        if ours == TABLE_MIME:
            table = record_table(data.content)
            renderer.renderer.document.note_explicit_target(table, table)
            return [table]
        if ours == stored.PROSE:
            return _prose(renderer, data, data.content["text"], not data.content.get("given"))
        kind = "verdict" if ours == VERDICT_MIME else "numbers"
        return [record_node("", kind=kind, content=dict(data.content))]


# What Markdown from a cell may not do: be HTML, call a directive, run a template, load a picture.
CLOSED = ("html_block", "html_inline", "fence", "colon_fence", "image", "substitution_block",
          "substitution_inline", "myst_target")  # fmt: skip


def _prose(renderer, data, text: str, roles: bool) -> list[nodes.Node]:
    """Markdown that a cell wrote: numbers and terms are resolved, HTML is shown as text."""
    told = nodes.container(classes=["told"])
    parser, settings = renderer.renderer.md, renderer.renderer.document.settings
    before = settings.raw_enabled, settings.file_insertion_enabled
    settings.raw_enabled = settings.file_insertion_enabled = False
    try:
        with parser.reset_rules(), renderer.renderer.current_node_context(told):
            parser.disable([*CLOSED, *([] if roles else ["myst_role"])], ignoreInvalid=True)
            renderer.renderer.nested_render_text(text, data.line or 0)
    finally:
        settings.raw_enabled, settings.file_insertion_enabled = before
    return [told]


def clean(text: str) -> str:
    """Return HTML of a cell with what text and tables need, and nothing that acts or loads."""
    return nh3.clean(
        text,
        tags=nh3.ALLOWED_TAGS - {"img"},
        attributes={**nh3.ALLOWED_ATTRIBUTES, "*": {"class"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _html(renderer, data) -> list[nodes.Node]:
    return [nodes.raw("", clean(data.string), format="html", classes=["output", "text_html"])]


def _refused(renderer, data) -> list[nodes.Node]:
    message = f"an output of {data.mime_type} is left out: a page runs no script of a notebook"
    renderer.logger.warning(message, subtype="output", line=data.line)
    return []


FOREIGN = {
    "text/html": _html,
    "text/markdown": lambda renderer, data: _prose(renderer, data, data.string, False),
    "application/javascript": _refused,
    "application/vnd.jupyter.widget-view+json": _refused,
}
