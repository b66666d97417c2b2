"""The report on how sources were read counts what stands in the tables."""

import pandas as pd
import pytest
from docutils import nodes

from shockbook import catalog
from shockbook.references import bibliography
from shockbook.site import cite, evidence, reading

READ = {"a": "excerpt", "b": "whole", "c": "mirror"}


def test_the_best_source_of_a_row_counts():
    assert reading.best(["a", "b", "c"], READ) == "whole"
    assert reading.best(["a", "c"], READ) == "mirror"


def test_a_figure_of_one_row_counts_whole_and_one_of_tables_in_parts(monkeypatch):
    parts = {"x": {"whole": 0.5, "excerpt": 0.5}, "own": {}}
    monkeypatch.setattr(reading, "of_dataset", lambda name, read: parts[name])
    figures = [{"source": "a; c"}, {"data": ["x", "own"]}, {"data": ["own"]}]
    total, shares = reading.behind(figures, READ)
    assert total == 2
    assert shares == pytest.approx({"mirror": 0.5, "whole": 0.25, "excerpt": 0.25})
    assert reading.behind([], READ) == (0, {})


def test_shares_of_real_tables_add_up():
    read = catalog.sources().set_index("id")["read"].to_dict()
    for name in ("prices", "training-curves", "capex-quarterly"):
        assert sum(reading.of_dataset(name, read).values()) == pytest.approx(1), name
    assert reading.of_dataset("claims", read) == {}


def test_ways_of_reading_are_counted_by_kind():
    kinds = ["primary", "primary", "tertiary"]
    sources = pd.DataFrame({"id": list("abc"), "read": list(READ.values()), "kind": kinds})
    rows = {row[0]: row[1:] for row in reading.by_reading(sources, {"a", "c"})}
    assert rows["read whole"] == (0, 0, 1, 1) and rows["read in a copy"] == (1, 0, 1, 0)
    assert rows["read in part"] == (1, 1, 1, 1)


def test_a_copy_names_its_original_in_both_places():
    copy = "P_XBRL_ATLAS"
    text = bibliography({copy: "a.md"}, catalog.sources())
    assert "Primary source, read in a copy" in text and "the original: https://data.sec.gov" in text
    said = evidence.sources(copy)
    links = [node["refuri"] for node in said if isinstance(node, nodes.reference)]
    first, original = catalog.sources().set_index("id").loc[copy, ["url", "original_url"]]
    assert links == [first, original] and "data.sec.gov" in original


def test_a_body_and_a_person_stand_in_one_alphabet():
    from pybtex.database import Person

    key = cite.OneAlphabet().person_key
    names = [Person("{Bank Automation News}"), Person("Benjamini, Yoav"), Person("Abadie, Alberto")]
    assert [key(n)[:2] for n in sorted(names, key=key)] == ["ab", "ba", "be"]
