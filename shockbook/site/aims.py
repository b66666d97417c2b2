"""The directive ``{aims}``: what each chapter teaches, read from the chapters themselves.

Objectives, time and exercises stand in a chapter's side box and at its end.  This lists them on
the teaching page, so that page cannot say anything else than the chapters do.
"""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from shockbook.teach import page
from shockbook.words import write


def listed(chapter: page.Chapter) -> list[str]:
    """The MyST lines of one chapter."""
    name = chapter.path.stem
    graded = sum(bool(e.solution) for e in chapter.exercises)
    counts = []
    if graded:
        counts.append(write(graded, "{:words} exercise" + "s" * (graded > 1) + " with a solution"))
    if len(chapter.exercises) > graded:
        counts.append(write(len(chapter.exercises) - graded, "{:words} open"))
    tail = "; ".join(filter(None, [chapter.time, " and ".join(counts)]))
    tail = tail[:1].upper() + tail[1:]
    lines = [f"**{{doc}}`{name}`**", ""]
    lines += [f"- {aim}" for aim in chapter.aims]
    return [*lines, "", f"*{tail}.*", ""] if tail else [*lines, ""]


class Aims(SphinxDirective):
    """``{aims}``, without options: one list for each notebook of the book that states its aims."""

    def run(self):
        self.env.note_reread()  # a chapter may have been added or removed
        here = Path(self.env.doc2path(self.env.docname)).parent
        chapters = [path.stem for path in page.chapters(Path(self.env.srcdir))]

        def order(path: Path) -> tuple[int, str]:
            known = path.stem in chapters
            return (chapters.index(path.stem) if known else len(chapters), path.stem)

        container = nodes.container(classes=["aims"])
        for path in sorted(here.glob("*.ipynb"), key=order):
            docname = path.relative_to(self.env.srcdir).with_suffix("").as_posix()
            if docname not in self.env.found_docs:
                continue
            chapter = page.read(path)
            if chapter.aims:
                self.state.nested_parse(
                    StringList(listed(chapter), self.env.docname), self.content_offset, container
                )
        return [container]


def setup(app) -> None:
    app.add_directive("aims", Aims)
