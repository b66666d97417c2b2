"""The two layouts that a chart is drawn for, and which of them is being drawn now."""

import contextlib
from contextvars import ContextVar
from typing import NamedTuple


class Layout(NamedTuple):
    """A layout: its name, and the pixels that a plot has beside an axis of numbers."""

    name: str
    width: int


#: What a chart that is made only once has to fit: as wide as a page, with words as on a phone.
PAGE, PHONE, BOTH = Layout("page", 630), Layout("phone", 290), Layout("both", 630)
_NOW: ContextVar[Layout] = ContextVar("layout", default=BOTH)


def now() -> Layout:
    """The layout that helpers place their words for."""
    return _NOW.get()


@contextlib.contextmanager
def drawn(layout: Layout):
    """Draw for another layout inside a ``with`` block."""
    token = _NOW.set(layout)
    try:
        yield layout
    finally:
        _NOW.reset(token)
