"""No silent change: the first edition, today's chapters and the page of corrections agree."""

import json

import pandas as pd
import pytest

from shockbook import catalog, claims, corrections, grounds, stored, study, words
from shockbook.site import cite

#: The verdicts' names in the first edition.
NAMES = {
    "supported": "True",
    "supported with context": "True, but",
    "partly wrong": "Partly wrong",
    "wrong": "Wrong",
    "no evidence found": "No evidence found",
    "unverifiable": "Cannot be known",
    "opinion": "Opinion",
}


def _same(old: str, new) -> bool:
    """Whether a number with its sign, a date or a text is what it was."""
    try:
        was, now = float(old), float(new)
    except (TypeError, ValueError):
        return NAMES.get(old, old) == str(new)
    return abs(now - was) <= 2e-6 * max(abs(now), 1e-9)


def _today() -> dict[tuple[str, str], dict]:
    """Every number that the chapters record today, by page and key."""
    return {
        (path.stem, record["key"]): record
        for path in sorted(corrections.CHAPTERS.glob("*.ipynb"))
        for _, record in stored.numbers(json.loads(path.read_text("utf-8")))
    }


def changes() -> pd.DataFrame:
    """Each record of the first edition beside today's.

    Returns a table of ``id, kind, page, old, new, value, state``: texts then and now, and the
    value of the one now; ``state`` is ``"same"``, ``"changed"`` or ``"gone"``: a number that is
    told no more, or a part that was cut another way.
    """
    numbers, found = _today(), claims.records()
    verdicts = {r["claim"]: r["verdict"] for r in found}
    parts = {f"{r['claim']}-{p['key']}": p["outcome"] for r in found for p in r["parts"]}
    rows = []
    for one in catalog.load("first-edition").fillna("").itertuples():
        if one.kind == "verdict":
            old, new = NAMES[one.text], verdicts.get(one.key)
            same = old == new
        elif one.kind == "part":
            old, new = one.value, parts.get(one.key)
            same = old == new
        else:
            elsewhere = (r for (_, key), r in numbers.items()
                         if key == one.key and _same(one.value, r["value"]))  # fmt: skip
            record = numbers.get((one.page, one.key)) or next(elsewhere, None)
            old, new = one.text, record["text"] if record else None
            same = record is not None and _same(one.value, record["value"])
        state = "same" if same else "changed" if new is not None else "gone"
        value = record["value"] if one.kind == "number" and record else new
        rows.append((one.id, one.kind, one.page, old, new or "", value, state))
    return pd.DataFrame(rows, columns=["id", "kind", "page", "old", "new", "value", "state"])


def silent(found: pd.DataFrame | None = None, told: pd.DataFrame | None = None) -> list[str]:
    """One sentence for each change since the first edition that ``corrections`` does not tell.

    Parameters
    ----------
    found : DataFrame, optional
        From :func:`changes`; by default of the book's chapters.
    told : DataFrame, optional
        The table of corrections; by default the book's.
    """
    found = changes() if found is None else found
    told = (catalog.load("corrections") if told is None else told).fillna("")
    known = {row.item: row for row in told.itertuples()}
    gone, today = set(catalog.load("first-edition-gone")["id"]), _today()
    sentences = []
    for row in found.itertuples():
        claim, tells = row.id.split("-")[0], known.get(row.id)
        if tells is not None and tells.now:
            now = today.get(tuple(tells.now.split(":")), {}).get("text")
            if (tells.old, tells.new) != (row.old, now):
                sentences.append(f"{row.id} was {row.old!r} and {tells.now} is {now!r}: "
                                 "data/corrections.csv says otherwise.")  # fmt: skip
        if row.state == "same":
            continue
        if row.state == "gone" and row.kind == "number":
            if row.id not in gone and tells is None:
                sentences.append(f"{row.id} was {row.old!r} and is told no more: add it to data/"
                                 "corrections.csv or first-edition-gone.csv.")  # fmt: skip
        elif row.kind == "part":
            if not {row.id, claim} & set(known):
                sentences.append(f"{row.id} was {row.old} and is {row.new or 'cut another way'}: "
                                 f"tell it in data/corrections.csv under {claim}.")  # fmt: skip
        elif row.id not in known:
            sentences.append(f"{row.id} was {row.old!r} and is {row.new!r}: add a row with this "
                             "item to data/corrections.csv.")  # fmt: skip
        elif known[row.id].old != row.old or not (
            known[row.id].new == row.new or _same(known[row.id].new, row.value)
        ):
            sentences.append(f"{row.id}: data/corrections.csv says {known[row.id].old!r} to "
                             f"{known[row.id].new!r}, the chapters {row.old!r} to {row.new!r}."
                             )  # fmt: skip
    return sentences


@pytest.fixture(scope="module")
def found():
    return changes()


def test_every_change_since_the_first_edition_is_told(found):
    assert silent(found) == []


def test_the_record_is_frozen():
    frozen = catalog.load("first-edition")
    assert dict(frozen["kind"].value_counts()) == {"number": 629, "part": 55, "verdict": 33}
    assert catalog.describe("first-edition")["hash"].endswith("3971784d66af5556648abd16")


def test_the_page_is_made_from_the_table():
    text = (corrections.CHAPTERS / corrections.PAGE).read_text("utf-8")
    assert corrections.PAGE in (corrections.CHAPTERS / "corrections.md").read_text("utf-8")
    table = catalog.load("corrections")
    assert corrections.page(table, cite.read(corrections.CHAPTERS.parent / cite.FILE)) == text
    assert all(corrections._cell(why) in text for why in table["why"])


def test_the_event_study_gives_the_first_edition_s_digits():
    """The library of today on today's prices, which go on longer: all eight recorded digits."""
    frozen = catalog.load("first-edition").set_index("id")["value"]
    prices = catalog.load("prices", live=False)
    prices = prices[prices["ticker"].isin(["NVDA", "SPY", "SMH"])]
    table = study.returns(prices.pivot(index="date", columns="ticker", values="adj_close"))
    one = study.event_study(table, "2025-01-27", firms=["NVDA", "SMH"]).to_frame()
    nvidia, smh = one.loc["NVDA"], one.loc["SMH"]
    found = {
        "abnormal": 100 * nvidia["car"], "expected": 100 * nvidia["expected"], "t": nvidia["t"],
        "expected-low": 100 * nvidia["expected_low"], "chips": 100 * smh["car"],
        "expected-high": 100 * nvidia["expected_high"],
        "first-session": 100 * study.event_study(table, "2025-01-21", firms=["NVDA"]).car["NVDA"],
    }  # fmt: skip
    days = study.placebo(table, "2025-01-27", firms=["NVDA"]).to_frame().loc["NVDA"]
    found |= {"placebo-days": days["placebo_days"], "placebo-p": days["p_placebo_t"]}
    for key, value in found.items():
        assert f"{value:.8g}" == f"{float(frozen[f'nvidia:{key}']):.8g}", key


def test_editions_hold_what_was_corrected_before_their_day():
    table = pd.DataFrame({"date": ["2026-11-28"] * 3 + ["2026-12-24"],
                          "kind": ["verdict", "verdict", "rule", "figure"]})  # fmt: skip
    first = {"version": "0.1.0", "date-released": "2026-11-23"}
    second = {"version": "1.0.0", "date-released": "2026-11-29", "references": [first]}
    told = corrections.editions(table, second).splitlines()[4:]
    assert told == [
        "| Third edition | not released yet | figures: 1 |",
        "| Second edition, version 1.0.0 | 29 November 2026 | verdicts: 2; rules and tests: 1 |",
        "| First edition, version 0.1.0 | 23 November 2026 | the first |",
    ]
    assert "Second edition | not released yet" in corrections.editions(table, first)


def test_a_silent_change_is_found(found):
    table = catalog.load("corrections")
    for item, said in [("C20", "C20 was 'Partly wrong'"), ("verdicts:standing", "was '14'")]:
        (sentence,) = [s for s in silent(found, table[table["item"] != item])
                       if s.startswith(f"{item} ")]  # fmt: skip
        assert said in sentence
    # another number on a page, and a row of the table that tells another story
    moved = found.copy()
    moved.loc[moved["id"] == "nvidia:loss", ["new", "value", "state"]] = ["$600", 600, "changed"]
    assert any("nvidia:loss" in s for s in silent(moved, table))
    table.loc[table["item"] == "C32", "new"] = "True"
    assert any("says 'Wrong' to 'True'" in s for s in silent(found, table))


def test_a_number_does_not_vanish_in_silence(found):
    gone = set(catalog.load("first-edition-gone")["id"])
    told = set(catalog.load("corrections")["item"])
    assert gone == set(found.loc[(found["state"] == "gone") & (found["kind"] == "number"), "id"]) \
        - told  # fmt: skip
    lost = found.copy()
    lost.loc[lost["id"] == "nvidia:loss", ["new", "value", "state"]] = ["", None, "gone"]
    (sentence,) = silent(lost)
    assert "nvidia:loss was '$592.7 billion' and is told no more" in sentence


def test_what_another_number_tells_now_is_held_to_it(found):
    table = catalog.load("corrections")
    at = table["item"] == "cost:whole-mid"
    assert table.loc[at, ["old", "new", "now"]].to_numpy().tolist() == [
        ["$24 million", "$65 million", "cost:main-mid"]]  # fmt: skip
    table.loc[at, "new"] = "$66 million"
    (sentence,) = silent(found, table)
    assert "cost:main-mid is '$65 million': " in sentence
    # the old number stands beside it still, and may not change under cover of this row
    moved = found.copy()
    moved.loc[moved["id"] == "cost:whole-mid", ["new", "state"]] = ["$30 million", "changed"]
    assert any("whole-mid" in s and "$30" in s for s in silent(moved))


def test_what_no_page_records_any_more_is_computed_here():
    """Rows whose new value no number of a chapter holds: each is computed from the tables."""
    found = claims.records()
    scored = [r for r in found if r["scored"]]
    cores = [p["outcome"] for r in scored for p in r["parts"] if p["role"] == "core"]
    ground = grounds.parts(scored)
    how = ground["how"].value_counts()
    weakest = ground[ground["kind"] != ""].groupby("claim")["kind"].agg(
        lambda kinds: max(kinds, key=grounds.KINDS.index)).value_counts()  # fmt: skip
    added = [r for r in scored if r["verdict"] == "True, but"]
    beyond = [{p["outcome"] for p in r["parts"] if p["role"] == "core"} for r in added]
    facts = [{p["outcome"] for p in r["parts"] if p["role"] == "context"} for r in added]
    early = catalog.load("early-readings").set_index("id")["early_verdict"]
    causes = [r["verdict"] in claims.FALL for r in scored if r["type"] == "causal"]
    computed = {
        "capex:guidance-rows": len(catalog.load("capex-guidance")),
        "verdicts:causes-fall": f"{words.in_words(sum(causes))} of them",
        "verdicts:added-open": words.in_words(sum(bool({"open", "absent"} & o) for o in beyond)),
        "verdicts:added-cause": words.in_words(sum(r["rule"] == "6" for r in added)),
        "verdicts:added-fact": sum("true" in outcomes for outcomes in facts),
        "verdicts:parts": len(cores), "verdicts:parts-computed": how["computed"],
        "verdicts:parts-searched": words.in_words(how["searched"]),
        "verdicts:weakest-primary": words.in_words(weakest["primary"]),
        "verdicts:weakest-tertiary": words.in_words(weakest["tertiary"]),
        "verdicts:firm-which": ", ".join(claims.firm(found)),
        "verdicts:differ": sum(early[r["claim"]] != r["verdict"] for r in found),
    }  # fmt: skip
    table = catalog.load("corrections").set_index("item")["new"]
    assert {key: str(value) for key, value in computed.items()} == dict(table[list(computed)])


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("-16.968167", -16.968167, True),
        ("5.6", 560, False),
        ("-17", 17, False),
        ("592.658", 593, False),
        ("supported", "True", True),
        ("2025-01-27", "2025-01-28", False),
    ],
)
def test_a_number_is_the_same_with_its_sign_and_size(old, new, same):
    assert _same(old, new) is same
