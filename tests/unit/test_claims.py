"""The verdict engine: change a value and the verdict changes."""

import datetime as dt
import re
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from shockbook import catalog, claims, grounds
from shockbook.data import files, snapshot
from shockbook.site import told
from shockbook.words import Said


@pytest.mark.parametrize(
    ("test", "values", "claimed", "precision", "expected"),
    [
        ("rounds", (16.97,), 17, 1, "true"),
        ("rounds", (17.51,), 17, 1, "false"),
        ("nearly", (592.7,), 600, None, "true"),
        ("nearly", (569.9,), 600, None, "false"),  # more than 5% short
        ("nearly", (600.1,), 600, None, "false"),  # "nearly" is below
        ("nearly", (600,), 600, None, "false"),  # and equal is no longer nearly
        ("nearly", (570,), 600, None, "true"),  # just 5% short
        ("at-least", (100,), 100, None, "true"),
        ("at-least", (99,), 100, None, "false"),
        ("at-most", (5,), 1, None, "false"),
        ("first", (1,), None, None, "true"),
        ("first", (9,), None, None, "false"),
        ("some", (0,), None, None, "false"),
        ("most", (0.5,), None, None, "false"),
        ("rose", (0.1,), None, None, "true"),
        ("fell", (0.1,), None, None, "false"),
        ("fell-abnormally", (-0.13, 0.001), None, None, "true"),
        # a return that ordinary days bring shows nothing, and nothing is not false
        ("fell-abnormally", (-0.01, 0.4), None, None, "open"),
        ("rose-abnormally", (0.099, 0.142), None, None, "open"),
        ("rose-abnormally", (-0.13, 0.001), None, None, "false"),
        ("majority", (1, 1, 5), None, None, "open"),
        ("majority", (3, 1, 5), None, None, "true"),
        ("majority", (1, 3, 5), None, None, "false"),
        ("after", ("2025-01-24", "2025-01-20"), None, None, "true"),
        ("after", ("2025-01-24", "2025-01-27"), None, None, "false"),
        # of two candidates for the first date one came before and one after
        ("after", ("2024-02-01", "2025-02-10", "2025-01-20"), None, None, "open"),
        ("found", (0, 84), None, None, "absent"),
        ("found", (1, 84), None, None, "true"),
        ("yes", (False,), None, None, "false"),
        ("undecidable", (), None, None, "open"),
    ],
)
def test_outcome(test, values, claimed, precision, expected):
    assert claims.outcome(test, values, claimed, precision) == expected


def test_two_texts_of_one_publisher_count_once():
    house = {"a": "Reuters", "b": "Reuters", "c": "AP"}
    assert claims.outcome("stated", ("a", "b"), publishers=house) == "open"
    assert claims.outcome("stated", ("a", "c"), publishers=house) == "true"


@pytest.mark.parametrize(
    ("kind", "core", "context", "expected"),
    [
        ("opinion", [], False, "Opinion"),
        ("event", ["absent"], False, "No evidence found"),
        ("forecast", ["open", "open"], False, "Cannot be known"),
        ("figure", ["false", "false"], True, "Wrong"),
        ("figure", ["false", "true"], False, "Partly wrong"),
        ("causal", ["true"], False, "True, but"),
        ("figure", ["true"], True, "True, but"),
        ("figure", ["true", "open"], False, "True, but"),
        ("figure", ["true", "absent"], False, "True, but"),
        ("causal", ["true", "open"], False, "True, but"),
        ("figure", ["false", "open"], False, "Wrong"),
        ("event", ["open", "absent"], False, "Cannot be known"),
        ("figure", ["true"], False, "True"),
    ],
)
def test_rules(kind, core, context, expected):
    verdict, rule = claims.decide(kind, core, context)
    assert verdict == expected
    assert catalog.load("verdict-rules").set_index("id")["verdict"][rule] == expected


def test_every_table_speaks_of_the_same_things():
    table, parts = catalog.load("claims"), catalog.load("claim-parts")
    assert len(table) >= 33  # the article's own; a fork may add some
    assert list(table["id"]) == [f"C{n:02d}" for n in range(1, len(table) + 1)]
    assert set(parts["claim"]) == set(table.loc[table["type"] != "opinion", "id"])
    assert set(parts["test"]) <= set(catalog.load("verdict-tests")["id"])
    for test in catalog.load("verdict-tests")["id"]:
        needs = parts[parts["test"] == test]
        if test in ("rounds", "nearly", "at-least", "at-most"):
            assert needs["claimed"].notna().all()
    assert parts.loc[parts["test"] == "rounds", "precision"].notna().all()


def test_a_changed_value_changes_the_verdict():
    assert claims.judge("C12", fall=Said("16.97%", 16.97)).verdict == "True"
    assert claims.judge("C12", fall=12.0).verdict == "Wrong"
    assert claims.judge("C13", loss=592.7).verdict == "True"
    other = claims.judge("C13", loss=592.7, alternatives={"loss": [560]})
    assert other.verdict == "True, but"
    late = {"the-fall": {"rise": ("2025-01-24", "2025-01-27")}, "lower-end": {"amount": 60}}
    causal = claims.judge("C21", amount=65, release=("2025-01-24", "2025-01-20"),
                          rise=("2025-01-24", "2025-01-26"), readings=late)  # fmt: skip
    assert causal.verdict == "Partly wrong"
    assert claims.judge("C16").verdict == "Cannot be known"
    assert claims.judge("C02").verdict == "Opinion"


@pytest.mark.parametrize(
    ("loss", "says"),
    [(12345.678, "12,346"), (-12345.678, "−12,346"), (999.96, "1,000"), (1, "1"), (0.25, "0.25")],
)
def test_a_large_value_is_told_without_an_exponent(loss, says):
    assert claims.judge("C13", loss=loss).parts[0].computed == says


@pytest.mark.parametrize(
    ("share", "says"),
    [(0.50004, "50.004%"), (0.4996, "49.96%"), (0.5, "50%"), (0.9996, "99.96%"), (1, "100%"),
     (0.0004, "0.04%"), (0, "0.0%"), (0.0996, "10.0%"), (0.67, "67%")],
)  # fmt: skip
def test_a_share_does_not_round_to_none_half_or_all(share, says):
    verdict = claims.judge("C26", data=3, attacks=share, elsewhere=True)
    assert {p.key: p.computed for p in verdict.parts}["attacks"] == says


def test_a_p_just_below_the_level_is_not_told_as_the_level():
    row = SimpleNamespace(claim="C", key="k", role="core", statement="s", claimed=None,
                          precision=None, unit="", test="fell-abnormally")  # fmt: skip
    told = {p: claims._part(row, [-3.04, p]) for p in (0.0496, 0.0494, 0.0504)}
    assert [one.outcome for one in told.values()] == ["true", "true", "open"]
    assert [one.computed.partition(", ")[2] for one in told.values()] == [
        "p just below 0.05", "p = 0.049", "p = 0.050"]  # fmt: skip


def test_errors_name_the_thing():
    last = catalog.load("claims")["id"].iloc[-1]
    with pytest.raises(claims.ClaimError, match=f"C01 to {last}"):
        claims.judge("C99")
    with pytest.raises(claims.ClaimError, match="needs values for"):
        claims.judge("C12")
    with pytest.raises(claims.ClaimError, match="sources.csv"):
        claims.judge("C18", rank=1, sources=["no-such-source"])


def _book(folder, *verdicts):
    cells = []
    for number, verdict in enumerate(verdicts):
        cell = nbformat.v4.new_code_cell(f"claims.judge({number})", id=f"verdict-{number}")
        data = {claims.MIME: verdict.record(), "text/plain": str(verdict)}
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
        cells.append(cell)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "nvidia.ipynb")


def test_the_ledger_is_read_from_the_chapters(tmp_path):
    _book(tmp_path, claims.judge("C13", loss=592.7), claims.judge("C12", fall=16.97))
    found = claims.records(tmp_path)
    table = claims.ledger(found)
    assert list(table["claim"]) == ["C12", "C13"]
    assert list(table["cell"]) == ["verdict-1", "verdict-0"]
    assert claims.score(found).loc["figure", "True"] == 2
    # A tolerance of 1% leaves "nearly 600" short.
    assert claims.rejudge(found[1], 0.01) == "Wrong"


def test_a_claim_judged_twice_is_an_error(tmp_path):
    _book(tmp_path, claims.judge("C12", fall=16.97), claims.judge("C12", fall=16.97))
    with pytest.raises(claims.ClaimError, match="2 cells"):
        claims.records(tmp_path)


def test_a_listed_source_is_taken_and_two_publishers_decide():
    by_publisher = catalog.sources().drop_duplicates("publisher")["id"]
    verdict = claims.judge("C18", rank=1, sources=list(by_publisher[:2]))
    assert verdict.verdict == "True"
    assert claims.judge("C18", rank=1, sources=[by_publisher.iloc[0]]).verdict != "True"


def test_what_is_only_implied_gets_a_verdict_and_no_score(tmp_path):
    implied = claims.judge("C26", data=3, attacks=1.0, elsewhere=True)
    stated = claims.judge("C12", fall=16.97)
    assert implied.verdict in claims.SETTLED
    # the attacks stand beside and decide nothing, by whatever definition
    other = {"attacks": [0.1]}
    assert not claims.judge("C26", data=3, attacks=1.0, elsewhere=True, alternatives=other).differs
    assert (implied.implied, implied.scored) == (True, False)
    assert (stated.implied, stated.scored) == (False, True)
    _book(tmp_path, implied, stated)
    assert len(claims.ledger(claims.records(tmp_path))) == 2
    assert claims.score(claims.records(tmp_path)).to_numpy().sum() == 1


def _tables(folder, monkeypatch):
    """A copy of the data folder, to be edited; the tables of claims are small."""
    for path in catalog.current(False).folder.iterdir():
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("SHOCKBOOK_DATA", str(folder))


def _edit(folder, name, change):
    """Rewrite one small table and record it as `check --accept` would."""
    path = folder / f"{name}.csv"
    text = path.read_text("utf-8")
    assert change(text) != text
    path.unlink()
    path.write_text(change(text), "utf-8")
    whole = snapshot().descriptor
    fresh = [files.stamped(r, path.read_bytes()) if r["name"] == name else r
             for r in whole["resources"]]  # fmt: skip
    (folder / "datapackage.json").unlink()
    (folder / "datapackage.json").write_text(files.text({**whole, "resources": fresh}), "utf-8")


def test_the_table_of_rules_decides(tmp_path, monkeypatch):
    _tables(tmp_path, monkeypatch)
    assert claims.decide("figure", ["true", "false"], False) == ("Partly wrong", "5")
    _edit(tmp_path, "verdict-rules", lambda t: t.replace("5,Partly wrong,", "5,Wrong,"))
    assert claims.decide("figure", ["true", "false"], False) == ("Wrong", "5")
    _edit(tmp_path, "verdict-rules", lambda t: t.replace('"true, false",,', '"true, open",,'))
    with pytest.raises(claims.ClaimError, match="no rule"):
        claims.decide("figure", ["true", "false"], False)


def test_the_table_of_tests_decides(tmp_path, monkeypatch):
    _tables(tmp_path, monkeypatch)
    assert claims.judge("C12", fall=16.97).verdict == "True"
    _edit(tmp_path, "verdict-tests", lambda t: t.replace("10 * tolerance", "0.1 * tolerance"))
    assert claims.judge("C12", fall=16.97).verdict == "Wrong"
    before = "0.1 * tolerance"
    for wrong in ("__import__('os')", "(0,1)", "(lambda: 1)", "value.real", "value[0]"):
        _edit(tmp_path, "verdict-tests", lambda t, old=before, new=wrong: t.replace(old, new))
        with pytest.raises(claims.ClaimError, match="cannot be evaluated"):
            claims.judge("C12", fall=16.97)
        before = wrong


def test_the_table_of_tests_has_the_tolerance(tmp_path, monkeypatch):
    _tables(tmp_path, monkeypatch)
    near = {p: claims.outcome("nearly", (p,), 600) for p in (592, 571, 569)}
    assert near == {592: "true", 571: "true", 569: "false"}
    _edit(tmp_path, "verdict-tests", lambda t: t.replace("0.05,claimed *", "0.01,claimed *"))
    assert claims.outcome("nearly", (592,), 600) == "false"
    assert claims.outcome("rounds", (16.97,), 17, 1) == "true"


def test_what_a_part_asks_for_is_what_the_table_tests():
    conditions = catalog.load("verdict-tests").set_index("id")["true_if"]
    digits = re.compile(r"[\d.]+")
    for test, words in told.ASKED.items():
        assert set(digits.findall(words)) <= set(digits.findall(conditions[test])), test


def test_a_claim_with_no_other_reading_says_why():
    scored = [r for r in claims.records() if r["scored"]]
    for record in scored:
        why = grounds.only_reading(record["claim"])
        assert bool(why) != bool(record["readings"]), record["claim"]
    assert len(scored) > 20 and grounds.only_reading("C13") == ""


def test_other_readings_are_computed_from_the_table():
    near = claims.judge("C13", loss=592.7)
    (one,) = near.readings
    assert (near.verdict, one["verdict"], one["how"]) == ("True", "Wrong", "computed")
    (whole,) = claims.judge("C14", rank=1, coverage=True).readings
    assert (whole["verdict"], whole["how"]) == ("Cannot be known", "reasoned")
    sea = {"typical-in-sector": {"sectors": 0.2}}
    red = claims.judge("C32", indexes=0.67, members=0.3, sectors=0.36, readings=sea)
    gives = {r["id"].removeprefix("C32-"): r["verdict"] for r in red.readings}
    assert red.verdict == "Partly wrong"
    assert gives == {"index-only": "True", "without-index": "Wrong",
                     "typical-in-sector": "Partly wrong"}  # fmt: skip
    with pytest.raises(claims.ClaimError, match="typical-in-sector"):
        claims.judge("C32", indexes=0.67, members=0.3, sectors=0.36)


def test_only_kind_readings_taken_together_save_the_famous_cost(tmp_path, monkeypatch):
    cost = next(r for r in claims.records() if r["claim"] == "C07")
    bill, both = (p["values"][0] for p in cost["parts"] if p["key"] in ("reported", "r1"))
    assert {r["verdict"] for r in cost["readings"]} == {"Partly wrong"}
    _tables(tmp_path, monkeypatch)
    _edit(tmp_path, "other-readings", lambda t: t.replace("whole:beside", "r1@; whole:beside"))
    values = {name: {"r1": bill} for name in ("base-model", "final-run", "own-stages")}
    found = claims.judge("C07", reported=bill, r1=both, whole=False, readings=values).readings
    gives = {r["id"].removeprefix("C07-"): r["verdict"] for r in found}
    assert (gives["base-model"], gives["final-run"]) == ("Partly wrong", "True")


def test_nothing_tried_saves_nobody():
    kinder, sterner = ({"verdict": v} for v in ("True", "Wrong"))
    base = {"scored": True, "verdict": "Wrong"}
    found = [base | {"claim": "C01", "readings": []},
             base | {"claim": "C02", "readings": [sterner]},
             base | {"claim": "C03", "readings": [sterner, sterner]},
             base | {"claim": "C04", "readings": [sterner, kinder]}]  # fmt: skip
    assert claims.firm(found) == ["C03"]


@pytest.mark.parametrize(
    ("claim", "values", "says"),
    [
        ("C22", {"order": ("27.01.2024", "2025-01-20")}, "'27.01.2024', '2025-01-20'; the test"),
        ("C22", {"order": ("9 January 2025", "10 March 2025")}, "days or more, each like 2025-"),
        ("C22", {"order": ("2025-02-30", "2025-01-20")}, "order is"),
        ("C22", {"order": "2025-01-20"}, "wants two days or more"),
        ("C22", {"origin": "no"}, "C22: origin is 'no'; the test yes wants True or False"),
        ("C12", {"fall": float("nan")}, "C12: fall is nan; the test rounds wants one number"),
        ("C12", {"fall": "16.97"}, "fall is '16.97'"),
        ("C12", {"fall": [16.97, 1]}, "wants one number"),
        ("C03", {"conference": 0}, "conference is 0; the test found wants two numbers"),
        ("C03", {"conference": []}, "conference is empty"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_judges_nothing(claim, values, says):
    date = (np.datetime64("2024-02-01T00:00:00.000000000"), dt.date(2025, 1, 20))
    good = {"C22": {"trillions": 7, "order": date, "origin": np.True_}, "C12": {"fall": 16.97},
            "C03": {"conference": (0, 9), "silent": []}}[claim]  # fmt: skip
    other = {"the-old-remark": {"order": date}, "the-podcast": {"order": date}}
    readings = other if claim == "C22" else None
    claims.judge(claim, **good, readings=readings)
    with pytest.raises(claims.ClaimError) as error:
        claims.judge(claim, **(good | values), readings=readings)
    assert says in str(error.value)
