"""What a notebook holds in its stored outputs: the records that its cells left."""

import re
from collections.abc import Iterator

#: Numbers of a chapter: ``{"numbers": [{key, text, value, what, form, data, ...}, ...]}``.
NUMBERS = "application/vnd.shockbook.numbers+json"
#: Markdown that a cell wrote: ``{"text": ..., "given": whether it is the reader's own}``.
PROSE = "application/vnd.shockbook.prose+json"


def cells(notebook: dict, kind: str) -> Iterator[tuple[str, str]]:
    """The text of each cell that is "code" or "markdown", with the id of the cell."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == kind:
            yield cell.get("id", ""), "".join(cell["source"])


def outputs(notebook: dict, kind: str) -> Iterator[tuple[str, dict]]:
    """Each record of one MIME type, with the id of its cell, in the order of the cells.

    The notebook is as read from its JSON, or a ``NotebookNode``.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if record := output.get("data", {}).get(kind):
                yield cell.get("id", ""), record


def numbers(notebook: dict) -> Iterator[tuple[str, dict]]:
    """Each number that was recorded, with the id of its cell."""
    for cell, record in outputs(notebook, NUMBERS):
        yield from ((cell, number) for number in record["numbers"])


def left_out(notebook: dict) -> set[str]:
    """Names of the figures whose cells show a sentence in their place: the data do not reach."""
    shown = ("".join(html) for _, html in outputs(notebook, "text/html"))
    return {m[1] for html in shown for m in re.finditer(r'class="left-out" id="([\w-]+)"', html)}
