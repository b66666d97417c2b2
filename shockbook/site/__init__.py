"""The site: a Sphinx extension that turns the chapters into pages.

Charts are pictures first and live on request, numbers lead to their evidence, verdicts to their
claims, and a page asks nothing of any other host.  It knows Sphinx and Vega, and nothing about
markets.  Load it with ``extensions = [..., "shockbook.site"]`` and ``html_theme = "shockbook"``.
"""

from importlib import import_module
from pathlib import Path

#: The parts, in the order in which they are registered.
PARTS = (
    "whole", "writing", "guard", "folds", "tables", "notebooks", "figures", "words", "evidence",
    "boxes", "verdicts", "article", "links", "maths", "status", "datapage", "search", "launch",
    "aims", "cite", "reading", "repeated", "cards", "writer", "pages", "preview", "lab", "epub",
    "share", "reviews",
)  # fmt: skip


def setup(app):
    """Register every part with Sphinx."""
    from shockbook.site import whole

    app.add_html_theme("shockbook", str(Path(__file__).parent / "templates"))
    for part in PARTS:
        import_module(f"{__name__}.{part}").setup(app)
    return {
        "version": "0.1",
        "env_version": whole.stamp(),
        # The checks at the start and the files written at the end belong to one process.
        "parallel_read_safe": False,
        "parallel_write_safe": False,
    }
