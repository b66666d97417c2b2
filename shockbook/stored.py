"""What a notebook holds in its stored outputs: the records that its cells left."""

from __future__ import annotations

from collections.abc import Iterator


def outputs(notebook: dict, kind: str) -> Iterator[tuple[str, dict]]:
    """Each record of one kind, with the id of its cell, in the order of the cells.

    Parameters
    ----------
    notebook : dict
        A notebook as read from its JSON, or a ``NotebookNode``.
    kind : str
        The MIME type of the record.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if record := output.get("data", {}).get(kind):
                yield cell.get("id", ""), record
