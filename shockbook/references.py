"""``python -m shockbook references``: write ``chapters/references.bib`` from the sources cited.

A page cites a source by its id in ``data/sources.csv``, with a link to ``#cite-ID``.  Only cited
sources go into the bibliography; the Data page lists the others by dataset.
"""

import argparse
import json
import re
from pathlib import Path

import pandas as pd

from shockbook import catalog, stored

CHAPTERS = Path(__file__).parents[1] / "chapters"
HEADER = "% Written by `python -m shockbook references` from data/sources.csv.  Do not edit.\n"
ROLE = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`|\]\(#cite-([\w.:-]+)\)")
# A dollar stands as it is: what reads the file does not know its escape and would print it.
LATEX = str.maketrans({c: "\\" + c for c in "&%#_{}"} | {"~": "\\textasciitilde{}"})


def add_parser(commands) -> None:
    """Add the command ``references`` to the command line."""
    parser = commands.add_parser("references", help="write the bibliography of the cited sources")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    ids = cited(CHAPTERS)
    (CHAPTERS / "references.bib").write_text(bibliography(ids, catalog.sources()), encoding="utf-8")
    print(f"chapters/references.bib: {len(ids)} sources")
    return 0


def cited(folder: Path) -> dict[str, str]:
    """Ids cited in the prose of the pages of a folder, each with a page that cites it."""
    found = {}
    for path in sorted([*folder.glob("*.md"), *folder.glob("*.ipynb")]):
        for match in ROLE.finditer(_prose(path)):
            for source in (match[1] or match[2]).split(","):
                found.setdefault(source.strip(), path.name)
    return dict(sorted(found.items()))


def _prose(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n".join(cell for _, cell in stored.cells(json.loads(text), "markdown"))


def bibliography(ids: dict[str, str], sources: pd.DataFrame) -> str:
    """The bibliography in BibTeX; ``ids`` are cited, each with a page that the message names."""
    known = sources.fillna("").set_index("id")
    entries = []
    for source, page in ids.items():
        if source not in known.index:
            raise catalog.DataError(
                f"chapters/{page} cites {source!r}, which is not in data/sources.csv: "
                "correct the id or add the source."
            )
        entries.append(_entry(source, known.loc[source]))
    return HEADER + "".join(entries)


def _entry(source: str, row: pd.Series) -> str:
    years = re.findall(r"\d{4}", row["date"])  # of a source that ran on, the last
    authors, publisher = _authors(row["author"]), row["publisher"].translate(LATEX)
    publisher = "" if publisher == catalog.NOT_STATED else publisher
    fields = {
        "title": f"{{{row['title'].translate(LATEX)}}}",
        # Without an author the publisher stands for one, so that the label in the text says who.
        "author": authors or f"{{{publisher}}}",
        "howpublished": publisher if authors else "",
        "year": years[-1] if years else "",
        "note": _note(row).translate(LATEX),
        "url": row["url"] or row["original_url"],
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"\n@misc{{{source},\n" + ",\n".join(lines) + "\n}\n"


def _note(row: pd.Series) -> str:
    """Distance from the origin and how it was read; of a copy, where its original stands."""
    where = row["read_at"]
    if row["read"] == "mirror" and row["url"] and row["original_url"] not in ("", row["url"]):
        where += f"; the original: {row['original_url']}"
    return f"{row['kind'].capitalize()} source, {catalog.READ[row['read']]}: {where}"


def _authors(text: str) -> str:
    """People are written family name first; any other name stays whole, but for ``others``."""
    names = [name.strip().translate(LATEX) for name in text.split(";") if name.strip()]
    return " and ".join(n if "," in n or n == "others" else f"{{{n}}}" for n in names)
