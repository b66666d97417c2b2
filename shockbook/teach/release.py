"""A release: the site, the executed notebooks and the data package, with checksums.

The same files give the same archives, byte for byte: entries are sorted and carry no clock time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
from pathlib import Path

from shockbook.notebooks import ROOT


def pack(folder: Path, name: str, files: list[Path]) -> bytes:
    """A gzipped tar of files below a folder, in a directory called ``name``."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            info = tarfile.TarInfo(f"{name}/{path.relative_to(folder).as_posix()}")
            info.size, info.mode = path.stat().st_size, 0o644
            with path.open("rb") as stream:
                archive.addfile(info, stream)
    return gzip.compress(plain.getvalue(), mtime=0)


def build(root: Path, target: Path, version: str) -> list[Path]:
    """Write the three archives and ``SHA256SUMS`` to ``target``.

    Raises
    ------
    FileNotFoundError
        If the site has not been built.
    """
    site = root / "_build" / "html"
    if not (site / "index.html").is_file():
        raise FileNotFoundError("there is no site in _build/html: run `make book` first.")
    parts = {
        "site": (site, [p for p in site.rglob("*") if p.is_file()]),
        "notebooks": (root / "chapters", sorted((root / "chapters").glob("*.ipynb"))),
        "data": (root / "data", [p for p in (root / "data").rglob("*") if p.is_file()]),
    }
    target.mkdir(parents=True, exist_ok=True)
    sums = []
    for part, (folder, files) in parts.items():
        name = f"deepseek-shock-{version}-{part}"
        content = pack(folder, name, files)
        (target / f"{name}.tar.gz").write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}.tar.gz\n")
    (target / "SHA256SUMS").write_text("".join(sums), "utf-8")
    return sorted(target.iterdir())


def add_parser(commands) -> None:
    """Add ``release`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("release", help="pack site, notebooks and data with checksums")
    parser.add_argument("version", help="for instance v1.0")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "release")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Pack what was built; 1 and one sentence if there is no site."""
    try:
        for path in build(ROOT, options.to, options.version):
            print(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)")
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
