"""A second build equals a clean one: a page is read when its sources change, and always written.

Reading runs the notebooks and takes a minute, writing takes seconds.  So whatever the writer
collects (search, menus, what one page shows of another) is complete in every build, and nothing of
it is kept.
"""

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


def every_page(app, env) -> list[str]:
    """Have all pages written; after a warning all are read, and so warn, in the next build too."""
    if app._warncount:
        env.reread_always |= env.found_docs
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
    app.connect("env-get-updated", every_page)
    app.connect("env-check-consistency", clear, priority=900)
