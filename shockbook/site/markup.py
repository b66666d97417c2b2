"""HTML, SVG and style sheets made from the templates: those that Sphinx does not fill itself."""

from html import escape
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parent / "templates"
_READ = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined
)
_READ.filters["e"] = escape  # quotes as all other pieces of a page have them


def fill(template: str, **values) -> str:
    """Return a template with its values, without the line's end behind it."""
    return _READ.get_template(template).render(values)
