"""The 33 claims: what each says, the rule that judges it, and its verdict.

The claims, their parts, the tests and the rules are four tables in ``data/`` (``claims``,
``claim-parts``, ``verdict-tests``, ``verdict-rules``).  They were committed before any verdict.
A chapter computes the values and hands them to :func:`judge`; the verdict follows from the
tables.  A part is *true*, *false*, *open* (nothing decides it) or *absent* (a search found
nothing).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from IPython.display import display

from shockbook import catalog, stored

MIME = "application/vnd.shockbook.verdict+json"
CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"
TOLERANCE = 0.05  # how far short of the claimed value "nearly" may fall, as a share of it
LEVEL = 0.05  # two-sided level at which an abnormal return counts
SETTLED = ("supported", "supported with context", "partly wrong", "wrong")


class ClaimError(ValueError):
    """A verdict was asked for in a way that the tables of claims do not allow."""


@dataclass(frozen=True)
class Part:
    """One testable part of a claim, with what was computed and how the test came out."""

    key: str
    role: str
    statement: str
    test: str
    claimed: float | None
    precision: float | None
    unit: str
    computed: str
    values: tuple
    outcome: str


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict; its last line in a cell shows it and records it for the ledger."""

    claim: str
    paraphrase: str
    type: str
    chapter: str
    implied: bool
    scored: bool
    verdict: str
    rule: str
    condition: str
    why: str
    parts: tuple[Part, ...]

    def record(self) -> dict:
        """The verdict as plain JSON."""
        return json.loads(json.dumps(asdict(self)))

    def __str__(self) -> str:
        head = f"{self.claim}  {self.paraphrase}\nVerdict: {self.verdict} (rule {self.rule})"
        lines = [f"  [{p.outcome}] {p.statement}: {p.computed}" for p in self.parts]
        return "\n".join([head, *lines, self.why] if self.why else [head, *lines])

    def _ipython_display_(self) -> None:
        display({MIME: self.record(), "text/plain": str(self)}, raw=True)


def outcome(
    test: str,
    values: tuple,
    claimed: float | None = None,
    precision: float | None = None,
    tolerance: float = TOLERANCE,
    publishers: dict[str, str] | None = None,
) -> str:
    """How one part's test comes out.

    Parameters
    ----------
    test : str
        An id of the table ``verdict-tests``.
    values : tuple
        What was computed: one value, a pair, or source ids, as the table says.
    claimed, precision : float, optional
        The claimed value and the unit of its last stated digit, in the part's unit.
    tolerance : float
        For ``nearly``, and as a factor ``tolerance / TOLERANCE`` on the precision of ``rounds``.
    publishers : dict, optional
        Source id to publisher, for ``stated``: two texts of one publisher count once.

    Returns
    -------
    str
        ``"true"``, ``"false"``, ``"open"`` or ``"absent"``.

    Raises
    ------
    ClaimError
        If the test is not known.
    """
    if test == "undecidable":
        return "open"
    first = values[0] if values else None
    if test == "rounds":
        # The claim's own rounding at the stated tolerance; wider or narrower when it moves.
        ok = abs(first - claimed) <= precision / 2 * (tolerance / TOLERANCE) + 1e-12
    elif test == "nearly":
        ok = claimed * (1 - tolerance) <= first < claimed
    elif test == "at-least":
        ok = first >= claimed
    elif test == "at-most":
        ok = first <= claimed
    elif test == "first":
        ok = first == 1
    elif test == "some":
        ok = first >= 1
    elif test == "most":
        ok = first > 0.5
    elif test == "rose":
        ok = first > 0
    elif test == "fell":
        ok = first < 0
    elif test == "rose-abnormally":
        ok = first > 0 and values[1] < LEVEL
    elif test == "fell-abnormally":
        ok = first < 0 and values[1] < LEVEL
    elif test == "after":
        ok = pd.Timestamp(values[0]) > pd.Timestamp(values[1])
    elif test == "yes":
        ok = bool(first)
    elif test == "stated":
        return "true" if len({(publishers or {}).get(v, v) for v in values}) >= 2 else "open"
    elif test == "found":
        return "true" if first >= 1 else "absent"
    else:
        raise ClaimError(f"no test is called {test!r}: the table verdict-tests lists them")
    return "true" if ok else "false"


def decide(kind: str, core: list[str], context: bool) -> tuple[str, str]:
    """The verdict and the id of the rule that gives it.

    Parameters
    ----------
    kind : str
        The claim's type: event, figure, causal, forecast or opinion.
    core : list of str
        Outcomes of the deciding parts.
    context : bool
        Whether a context part is true or another definition fails the same test.
    """
    if kind == "opinion":
        return "opinion", "1"
    seen = set(core)
    if not seen & {"true", "false"}:
        return ("no evidence found", "2") if seen == {"absent"} else ("unverifiable", "3")
    if "true" not in seen:
        return "wrong", "4"
    if "false" in seen:
        return "partly wrong", "5"
    if kind == "causal":
        return "supported with context", "6"
    if context or seen != {"true"}:
        return "supported with context", "7"
    return "supported", "8"


def _plain(value):
    """The value behind a said figure, as JSON can hold it."""
    value = getattr(value, "value", value)
    if isinstance(value, pd.Timestamp | dt.date):
        return value.isoformat()[:10]
    if hasattr(value, "item"):
        value = value.item()
    return float(f"{value:.8g}") if isinstance(value, float) else value


def _listed(value) -> list:
    return list(value) if isinstance(value, list | tuple) else [value]


def judge(claim: str, why: str = "", alternatives: dict | None = None, **computed) -> Verdict:
    """Judge one claim by its rule.

    Parameters
    ----------
    claim : str
        Its id, ``"C01"`` to ``"C33"``.
    why : str
        One or two plain sentences for the reader.
    alternatives : dict, optional
        Part key to a list of values under other defensible definitions.  One that fails the
        test turns *supported* into *supported with context*.
    **computed
        One value for each part (``key`` of the table ``claim-parts``): a number, a figure that
        was said, or for the tests that ask for it a pair or a list.  Parts with the test
        ``undecidable`` take none.

    Returns
    -------
    Verdict

    Raises
    ------
    ClaimError
        If the claim is not known, a value is missing, or one is given for no part.
    """
    claims = catalog.load("claims").set_index("id")
    if claim not in claims.index:
        raise ClaimError(f"there is no claim {claim}: the table claims lists {claims.index[0]} to "
                         f"{claims.index[-1]}")  # fmt: skip
    row = claims.loc[claim]
    table = catalog.load("claim-parts")
    table = table[table["claim"] == claim]
    wanted = set(table.loc[table["test"] != "undecidable", "key"])
    if wanted != set(computed):
        raise ClaimError(f"{claim} needs values for {sorted(wanted) or 'no part'}, not for "
                         f"{sorted(computed) or 'none'}")  # fmt: skip
    publishers = catalog.sources().set_index("id")["publisher"].to_dict()
    parts, differs = [], False
    for part in table.itertuples():
        claimed = None if pd.isna(part.claimed) else float(part.claimed)
        precision = None if pd.isna(part.precision) else float(part.precision)
        given = _listed(computed.get(part.key, []))
        values = tuple(_plain(v) for v in given)
        if part.test == "stated":
            for source in values:
                if source not in publishers:
                    raise ClaimError(f"{claim} cites the source {source}, which sources.csv "
                                     "does not list")  # fmt: skip
        result = outcome(part.test, values, claimed, precision, publishers=publishers)
        for other in (alternatives or {}).get(part.key, []):
            tried = tuple(_plain(v) for v in _listed(other))
            differs |= outcome(part.test, tried, claimed, precision) != result
        parts.append(
            Part(
                key=part.key,
                role=part.role,
                statement=part.statement,
                test=part.test,
                claimed=claimed,
                precision=precision,
                unit="" if pd.isna(part.unit) else part.unit,
                computed=_words(part.test, given, publishers),
                values=values,
                outcome=result,
            )
        )
    core = [p.outcome for p in parts if p.role == "core"]
    context = differs or any(p.outcome == "true" for p in parts if p.role == "context")
    verdict, rule = decide(row["type"], core, context)
    rules = catalog.load("verdict-rules").set_index("id")["condition"]
    implied = bool(row["implied"])
    return Verdict(
        claim=claim,
        paraphrase=row["paraphrase"],
        type=row["type"],
        chapter=row["chapter"],
        implied=implied,
        scored=verdict in SETTLED and not implied,
        verdict=verdict,
        rule=rule,
        condition=rules[rule],
        why=why,
        parts=tuple(parts),
    )


def _words(test: str, given: list, publishers: dict[str, str]) -> str:
    """What was computed, for a reader; sources by the names of their publishers."""
    if test == "undecidable":
        return "no data"
    if test == "yes":
        return "yes" if bool(_plain(given[0])) else "no"
    if test == "stated":
        return "; ".join(dict.fromkeys(publishers[source] for source in given))
    if test == "found":
        return f"{given[0]} found in {given[1]} searched"
    if test == "after":
        return f"{given[0]}, against {given[1]}"
    if test.endswith("abnormally"):
        p = float(_plain(given[1]))
        return f"{given[0]}, p {'below 0.001' if p < 0.001 else f'= {p:.3f}'}"
    return "; ".join(str(g) for g in given)


def records(folder: Path = CHAPTERS) -> list[dict]:
    """All verdicts that stand in the chapters' outputs, by claim id.

    Each record gains ``page`` and ``cell``: the notebook's name and the id of the cell.

    Raises
    ------
    ClaimError
        If two cells judge the same claim.
    """
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        for cell, record in stored.outputs(json.loads(path.read_text("utf-8")), MIME):
            found.append(record | {"page": path.stem, "cell": cell})
    for claim, times in Counter(r["claim"] for r in found).items():
        if times > 1:
            raise ClaimError(f"{claim} is judged in {times} cells: keep the one in its chapter")
    return sorted(found, key=lambda r: r["claim"])


def ledger(found: list[dict] | None = None) -> pd.DataFrame:
    """One row a claim: ``claim, paraphrase, type, implied, scored, verdict, rule, page, cell``."""
    columns = ["claim", "paraphrase", "type", "implied", "scored"]
    columns += ["verdict", "rule", "page", "cell"]
    return pd.DataFrame(records() if found is None else found)[columns]


def redecide(record: dict, core: list[str]) -> str:
    """The verdict that other outcomes of the deciding parts would get.

    Parameters
    ----------
    record : dict
        A verdict, from :func:`records`.
    core : list of str
        Outcomes in place of those of its deciding parts; fewer or more than there are, if the
        claim is cut another way.
    """
    parts = record["parts"]
    context = any(p["role"] == "context" and p["outcome"] == "true" for p in parts)
    verdict, _ = decide(record["type"], core, context)
    # A downgrade that came from another definition stands as long as the outcomes do.
    if verdict == "supported" and core == [p["outcome"] for p in parts if p["role"] == "core"]:
        return record["verdict"]
    return verdict


def rejudge(record: dict, tolerance: float) -> str:
    """The verdict that a record's values would get under another tolerance."""
    core = [
        outcome(p["test"], tuple(p["values"]), p["claimed"], p["precision"], tolerance)
        if p["test"] in ("rounds", "nearly")
        else p["outcome"]
        for p in record["parts"]
        if p["role"] == "core"
    ]
    return redecide(record, core)


def score(found: list[dict] | None = None, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """How the article does: scored claims by type and verdict.

    Parameters
    ----------
    found : list of dict, optional
        Records; by default those of the chapters.
    tolerance : float
        Share of the claimed value by which "nearly" may fall short; rounding widens in step.

    Returns
    -------
    DataFrame
        Index: type; columns: the four settled verdicts, each a count of claims.
    """
    rows = [
        {"type": r["type"], "verdict": rejudge(r, tolerance)}
        for r in (records() if found is None else found)
        if r["scored"]
    ]
    table = pd.DataFrame(rows, columns=["type", "verdict"])
    return pd.crosstab(table["type"], table["verdict"]).reindex(columns=SETTLED, fill_value=0)
