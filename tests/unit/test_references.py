"""The bibliography holds the cited sources, and the file in chapters/ is up to date."""

import json

import pytest
from pybtex.database import parse_string

from shockbook import catalog, references


def test_the_bibliography_is_in_step_with_the_chapters():
    ids = references.cited(references.CHAPTERS)
    path = references.CHAPTERS / "references.bib"
    assert path.read_text(encoding="utf-8") == references.bibliography(ids, catalog.sources()), (
        "run `python -m shockbook references`"
    )


def test_citations_are_found_in_prose_only(tmp_path):
    (tmp_path / "a.md").write_text("See {cite}`mackinlay1997` and {cite:t}`fama1993, S50`.")
    cells = [
        {"cell_type": "markdown", "source": ["Again {cite:p}`cow", "an1992`."]},
        {"cell_type": "code", "source": ["'{cite}`patell1976`'"]},
    ]
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": cells}))
    assert references.cited(tmp_path) == {
        "S50": "a.md",
        "cowan1992": "b.ipynb",
        "fama1993": "a.md",
        "mackinlay1997": "a.md",
    }


def test_an_unknown_citation_names_the_page():
    with pytest.raises(catalog.DataError, match=r"chapters/a\.md cites 'nobody2000'"):
        references.bibliography({"nobody2000": "a.md"}, catalog.sources())


def test_every_source_gives_a_readable_entry():
    sources = catalog.sources()
    text = references.bibliography(dict.fromkeys(sources["id"], "a.md"), sources)
    entries = parse_string(text, "bibtex").entries
    assert set(entries) == set(sources["id"])
    kolari = entries["kolari2010"]
    assert [str(person) for person in kolari.persons["author"]] == [
        "Kolari, James W.",
        "Pynnönen, Seppo",
    ]
    assert kolari.fields["year"] == "2010"
    assert kolari.fields["url"] == "https://doi.org/10.1093/rfs/hhq072"
    assert "{$1 Trillion" in entries["P6"].fields["title"]
