"""A second build equals a clean one: a page is read when its sources change, and always written.

Reading runs the notebooks and takes a minute, writing takes seconds.  So whatever the writer
collects (search, menus, what one page shows of another) is complete in every build, and nothing of
it is kept.
"""

import logging
import shutil
import zlib
from importlib.metadata import distributions
from pathlib import Path

from shockbook.data import snapshot

LIBRARY = Path(__file__).resolve().parents[1]


def stamp() -> int:
    """Return a number of all that the chapters run with: library, packages, data and events.

    Documents that were read with another state of them are read again.
    """
    files = [*LIBRARY.rglob("*.py"), *(LIBRARY.parent / "events").glob("*.toml")]
    files += [snapshot().folder / "datapackage.json", LIBRARY.parent / "event.toml"]
    parts = [path.read_bytes() for path in sorted(files) if path.is_file()]
    parts += sorted(f"{d.name}=={d.version}".encode() for d in distributions())
    return zlib.crc32(b"\n".join(parts))


class NoteWarned(logging.Handler):
    """Lets a page that warned while it was read be read, and so warn, in the next build too."""

    def __init__(self, app):
        super().__init__(logging.WARNING)
        self.app = app

    def emit(self, record):
        """Note the page that is being read."""
        env = self.app.env
        if env is not None and (docname := env.temp_data.get("docname")):
            env.reread_always.add(docname)


def start(app) -> None:
    """Listen to warnings."""
    app.shockbook_listener = NoteWarned(app)
    logging.getLogger("sphinx").addHandler(app.shockbook_listener)


def stop(app, exception) -> None:
    """Listen no more: the next build in this process brings its own ears."""
    logging.getLogger("sphinx").removeHandler(app.shockbook_listener)


def every_page(app, env) -> list[str]:
    """Have all pages written, those that were not read again too."""
    return sorted(env.found_docs)


def clear(app, env) -> None:
    """Empty the folder of pages once all is read, or a page that was removed would stay in it."""
    if app.builder.format != "html":
        return
    for path in Path(app.outdir).iterdir():
        if path.name.startswith("."):  # .buildinfo, already this build's, and Sphinx's .doctrees
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def setup(app) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", start)
    app.connect("env-get-updated", every_page)
    app.connect("env-check-consistency", clear, priority=900)
    app.connect("build-finished", stop)
