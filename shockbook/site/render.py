"""The door between notebooks and pages: one myst-nb plugin for the outputs that are ours."""

from __future__ import annotations

from docutils import nodes

from shockbook import stored
from shockbook.site.figures import CHART_MIMES, chart_nodes
from shockbook.site.notebooks import record

VERDICT_MIME = "application/vnd.shockbook.verdict+json"
OURS = (*CHART_MIMES, VERDICT_MIME, stored.NUMBERS, stored.FIGURE, stored.PROSE)


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
            return None
        if data.mime_type != ours:
            return []  # the text or the picture beside it, for viewers that know no better
        if ours in CHART_MIMES:
            return chart_nodes(renderer, data)
        if ours == stored.PROSE:
            return _prose(renderer, data)
        content = dict(data.content)
        if ours != VERDICT_MIME:
            content = {"numbers": [content] if ours == stored.FIGURE else content["numbers"]}
        return [record("verdict" if ours == VERDICT_MIME else "numbers", content, data.cell_index)]


def _prose(renderer, data) -> list[nodes.Node]:
    """Prose that a cell wrote, read as the page's own Markdown is: its roles are resolved."""
    told = nodes.container(classes=["told"])
    with renderer.renderer.current_node_context(told):
        renderer.renderer.nested_render_text(data.content["text"], data.line or 0)
    return [told]
