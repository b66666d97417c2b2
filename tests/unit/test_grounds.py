"""What each verdict rests on: every deciding part is traced, and dropping sources shows."""

import pytest

from shockbook import catalog, claims, grounds

FOUND = {r["claim"]: r for r in claims.records()}


def test_every_computed_part_of_the_article_is_traced_to_rows():
    table = grounds.parts(list(FOUND.values()))
    computed = table[table["how"] == "computed"]
    known = computed["claim"].isin([f"C{n:02d}" for n in range(1, 34)])  # a fork may add some
    assert (computed.loc[known, "rows"] > 0).all()
    assert computed.loc[known, "kind"].isin(grounds.KINDS).all()
    listed = catalog.load("claim-evidence")[["claim", "key"]]
    assert set(map(tuple, listed.values)) <= set(map(tuple, table[["claim", "key"]].values))


def test_the_weakest_link_counts():
    table = grounds.parts(list(FOUND.values())).set_index(["claim", "key"])
    assert table.loc[("C07", "r1"), "kind"] == "primary"
    assert table.loc[("C12", "fall"), "kind"] == "secondary"  # copies of a vendor's series
    assert table.loc[("C13", "loss"), "kind"] == "secondary"  # the share count alone is primary
    assert table.loc[("C15", "statement"), "kind"] == "tertiary"  # two witnesses are needed
    assert table.loc[("C16", "minds"), "how"] == "undecided"


def test_without_a_kind_of_source():
    assert claims.without(FOUND["C07"], "tertiary") == "Partly wrong"
    assert claims.without(FOUND["C07"], "primary") == "Cannot be known"
    assert claims.without(FOUND["C15"], "tertiary") == "Cannot be known"
    assert claims.without(FOUND["C12"], "tertiary") == "True"


def test_rows_that_are_not_there():
    assert list(grounds.rows("prices", "NVDA")) == ["NVDA"]
    assert len(grounds.rows("prices", "group:China ADRs")) > 1
    with pytest.raises(catalog.DataError, match="XXXX"):
        grounds.rows("prices", "XXXX")


def test_other_outcomes_are_decided_again():
    assert claims.redecide(FOUND["C32"], ["false", "false", "true"]) == "Partly wrong"
    assert claims.redecide(FOUND["C14"], ["true"]) == "True, but"
    assert claims.redecide(FOUND["C12"], ["true"]) == "True"


def test_the_least_read_row_says_how_a_part_was_read():
    found = grounds.parts(claims.records())
    told = found[found["how"].isin(["computed", "reported"]) & (found["rows"] > 0)]
    assert (
        told["read"].isin(grounds.WAYS).all()
        and (found.loc[found["rows"] == 0, "read"] == "").all()
    )
    assert {"whole", "mirror", "excerpt"} <= set(told["read"])


def test_the_ledger_says_the_weakest_link_of_a_verdict():
    said = grounds.weakest(list(FOUND.values()))
    table = grounds.parts(list(FOUND.values()))
    assert set(said) == set(table.loc[table["kind"] != "", "claim"])
    for claim, kind, read in table.loc[table["kind"] != "", ["claim", "kind", "read"]].values:
        hands = list(grounds.HAND.values())
        assert grounds.KINDS.index(kind) <= hands.index(said[claim].split()[6].strip(","))
        told = next(w for w in grounds.WAYS if said[claim].endswith(f", {catalog.READ[w]}."))
        assert grounds.WAYS.index(read) <= grounds.WAYS.index(told)
    assert said["C15"].startswith("The weakest source behind it is third-hand, ")
    assert "C16" not in said
