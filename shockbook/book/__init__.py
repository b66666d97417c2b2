"""What is this book's own about a notebook: a chapter's numbers, reasons and prose.

    from shockbook import book

    chapter = book.open("nvidia")
    prices = chapter.load("prices")
    ...
    chapter.record(loss=loss, rank=rank)
    chapter.judge("C14", rank=rank, coverage=True)

What the numbers are stands in ``chapters/nvidia.toml``.
"""

# ruff: noqa: F401  what others find here
from shockbook.book.chapter import BookError, Chapter, open, recorded
