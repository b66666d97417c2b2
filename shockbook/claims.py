"""The claims of a text: what each says, the rule that judges it, and its verdict.

Everything that decides stands in tables in ``data/``: the claims, their parts (``claim-parts``),
the tests that a part is put to (``verdict-tests``), the rules that turn the outcomes into a verdict
(``verdict-rules``), and other ways to read a claim (``other-readings``).  A chapter computes the
values and hands them to :func:`judge`; this module evaluates the tables and adds nothing to them.
A part is *true*, *false*, *open* (the evidence does not decide it) or *absent* (a search found
nothing, which is open as well).  What is open never counts as false.
"""

import ast
import datetime as dt
import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
from IPython.display import display

from shockbook import catalog, grounds, stored, words

MIME = "application/vnd.shockbook.verdict+json"
CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"
OUTCOMES = ("true", "false", "open", "absent")
ROLES = ("core", "context", "beside")
STAND = ("True", "True, but")
FALL = ("Partly wrong", "Wrong")
SETTLED = (*STAND, *FALL)  # verdicts that count in the score
#: A verdict's colour in a chart: that of its badge, readable on white and on black.
COLOURS = dict(zip(SETTLED, ("#2A8C62", "#3583C5", "#B07D12", "#C4472B"), strict=True))
VERDICTS = (*SETTLED, "No evidence found", "Cannot be known", "Opinion")


#: What the kinds of values of the table ``verdict-tests`` are: the least number of them, in words.
FORMS = {"truth": (1, "True or False"), "pair": (2, "two numbers"), "counts": (3, "three numbers"),
         "dates": (2, "two days or more, each like 2025-01-27")}  # fmt: skip


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
    differs: bool = False
    readings: tuple[dict, ...] = ()

    def record(self) -> dict:
        """The verdict as plain JSON."""
        return json.loads(json.dumps(asdict(self)))

    def __str__(self) -> str:
        head = f"{self.claim}  {self.paraphrase}\nVerdict: {self.verdict} (rule {self.rule})"
        lines = [f"  [{p.outcome}] {p.statement}: {p.computed}" for p in self.parts]
        return "\n".join([head, *lines, self.why] if self.why else [head, *lines])

    def _ipython_display_(self) -> None:
        display({MIME: self.record(), "text/plain": str(self)}, raw=True)


#: What a condition of the table ``verdict-tests`` may be made of.
_GRAMMAR = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
    ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.Name, ast.Load, ast.Constant,
    ast.Call,
)  # fmt: skip


def _holds(condition: str, names: dict) -> bool:
    """Whether a condition of the table holds for the given values."""
    try:
        tree = ast.parse(condition, mode="eval")
        if not all(isinstance(node, _GRAMMAR) for node in ast.walk(tree)):
            raise SyntaxError
        return bool(eval(compile(tree, "verdict-tests", "eval"), {"__builtins__": {}}, names))
    except (SyntaxError, NameError, TypeError):
        raise ClaimError(
            f"the condition {condition!r} of the table verdict-tests cannot be evaluated: write it "
            f"with {', '.join(names)}, numbers, arithmetic and comparisons"
        ) from None


def outcome(
    test: str,
    values: tuple,
    claimed: float | None = None,
    precision: float | None = None,
    tolerance: float | None = None,
    publishers: dict[str, str] | None = None,
) -> str:
    """How one part's test comes out, by the table ``verdict-tests``: one of ``OUTCOMES``.

    ``precision`` is the unit of the last stated digit of ``claimed``; ``tolerance`` stands in place
    of the table's own.  ``publishers``, by source id, let two texts of one publisher count once.
    """
    table = catalog.load("verdict-tests").set_index("id")
    if test not in table.index:
        raise ClaimError(f"no test is called {test!r}: the table verdict-tests lists them")
    row = table.loc[test].fillna("")
    if row["value"] == "sources":
        names = {"publishers": len({(publishers or {}).get(v, v) for v in values})}
    elif row["value"] == "dates":
        names = {"earliest": min(values[:-1]), "latest": max(values[:-1]), "last": values[-1]}
    else:
        names = dict(zip(("value", "second", "third"), values, strict=False))
        tolerance = row.get("tolerance") if tolerance is None else tolerance
        names |= {"claimed": claimed, "precision": precision, "tolerance": tolerance, "abs": abs}
    if row["true_if"] and _holds(row["true_if"], names):
        return "true"
    if row["false_if"] and _holds(row["false_if"], names):
        return "false"
    return row["otherwise"]


def _listed_words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


def decide(kind: str, core: list[str], context: bool) -> tuple[str, str]:
    """The verdict and the id of the rule that gives it: the first that fits, from the top.

    ``kind`` is the claim's type, ``core`` the outcomes of its deciding parts; ``context`` says
    whether a context part is true or another definition fails the same test.
    """
    seen = set(core) | ({"context"} if context else set())
    for rule in catalog.load("verdict-rules").fillna("").itertuples():
        if (
            kind in _listed_words(rule.claim_types)
            and _listed_words(rule.all) <= seen
            and (not rule.any or _listed_words(rule.any) & seen)
            and not _listed_words(rule.none) & seen
        ):
            return rule.verdict, rule.id
    raise ClaimError(f"no rule of the table verdict-rules fits a claim of type {kind!r} whose "
                     f"parts come out {', '.join(core) or 'as nothing'}")  # fmt: skip


def _plain(value):
    """The value behind a said figure, as JSON can hold it; what it cannot hold stays as it is."""
    if isinstance(value, str):  # a figure that was said carries it; a timestamp's is another thing
        value = getattr(value, "value", value)
    try:
        return words.plain(value)
    except (TypeError, ValueError):  # no test takes it, and the sentence that says so names it
        return value


def _publishers() -> dict[str, str]:
    return {source: row["publisher"] for source, row in catalog.sources_by_id().items()}


def _listed(value) -> list:
    return list(value) if isinstance(value, list | tuple) else [value]


def _fits(value, kind: str) -> bool:
    """Whether a value is of the kind that a test takes; a text would be compared as a text."""
    if kind == "truth":
        return isinstance(value, bool)
    if kind == "dates":
        try:
            return dt.date.fromisoformat(value).isoformat() == value
        except (TypeError, ValueError):
            return False
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _part(part, given: list, test: str = "") -> Part:
    """One row of ``claim-parts`` with what was computed, put to its test (or to another one)."""
    values, publishers, test = tuple(_plain(v) for v in given), _publishers(), test or part.test
    if test == "stated" and (unknown := [source for source in values if source not in publishers]):
        raise ClaimError(f"{part.claim} cites the source {unknown[0]}, which sources.csv does not "
                         "list")  # fmt: skip
    kind = catalog.load("verdict-tests").set_index("id")["value"].get(test, "none")
    many, form = FORMS.get(kind, (1, "one number"))
    fits = all(_fits(v, kind) for v in values) and len(values) >= many
    if kind not in ("sources", "none") and not (fits and (kind == "dates" or len(values) == many)):
        raise ClaimError(f"{part.claim}: {part.key} is {', '.join(map(repr, values)) or 'empty'}; "
                         f"the test {test} wants {form}")  # fmt: skip
    return Part(
        part.key, part.role, part.statement, test, part.claimed, part.precision, part.unit or "",
        computed=_words(test, given, part.unit or ""), values=values,
        outcome=outcome(test, values, part.claimed, part.precision, publishers=publishers),
    )  # fmt: skip


def judge(
    claim: str,
    why: str = "",
    alternatives: dict | None = None,
    readings: dict | None = None,
    **computed,
) -> Verdict:
    """Judge one claim by its rule.

    ``computed`` has a value for each part (``key`` of the table ``claim-parts``), but for those
    that are undecidable: a number, a figure that was said, or a pair or list if the test asks for
    it.  ``alternatives`` gives parts lists of values under other defensible definitions: one that
    fails the test turns *True* into *True, but*.  ``readings`` gives each reading of
    ``other-readings`` whose ``change`` has an ``@`` its values by part.  ``why`` is for the reader.
    """
    claims = catalog.load("claims").set_index("id")
    if claim not in claims.index:
        raise ClaimError(f"there is no claim {claim}: the table claims lists {claims.index[0]} to "
                         f"{claims.index[-1]}")  # fmt: skip
    row = claims.loc[claim]
    table = catalog.load("claim-parts").astype(object)
    table = table[table["claim"] == claim].where(table.notna(), None)
    wanted = set(table.loc[table["test"] != "undecidable", "key"])
    if wanted != set(computed):
        raise ClaimError(f"{claim} needs values for {sorted(wanted) or 'no part'}, not for "
                         f"{sorted(computed) or 'none'}")  # fmt: skip
    parts, differs = [], False
    for part in table.itertuples():
        parts.append(_part(part, _listed(computed.get(part.key, []))))
        for other in (alternatives or {}).get(part.key, []):
            off = _part(part, _listed(other)).outcome != parts[-1].outcome
            differs |= off and part.role != "beside"  # which decides nothing
    core = [p.outcome for p in parts if p.role == "core"]
    context = differs or any(p.outcome == "true" for p in parts if p.role == "context")
    verdict, rule = decide(row["type"], core, context)
    rules = catalog.load("verdict-rules").set_index("id")["condition"]
    implied = bool(row["implied"])
    result = Verdict(
        claim, row["paraphrase"], row["type"], row["chapter"], implied,
        scored=verdict in SETTLED and not implied, verdict=verdict, rule=rule,
        condition=rules[rule], why=why, parts=tuple(parts), differs=differs,
    )  # fmt: skip
    return replace(result, readings=_readings(result.record(), readings or {}, table))


def _readings(verdict: dict, given: dict, table: pd.DataFrame) -> tuple[dict, ...]:
    """What each other reading of the claim gives, by the table ``other-readings``.

    A reading changes parts, with ``;`` between the changes: ``cut:core`` gives a part another
    role, ``fall:beside`` takes it out of the decision, ``bitcoin:fell-abnormally`` puts it to
    another test, ``sessions@`` to a value that the chapter hands over, ``rank=open`` sets its
    outcome (and is then reasoned, not computed); ``tolerance=0.01`` moves the line of the tests.
    """
    if "other-readings" not in catalog.names():  # a ledger may try none
        return ()
    listed = catalog.load("other-readings")
    listed = listed[listed["claim"] == verdict["claim"]]
    valued = {r.key for r in listed.itertuples() if "@" in r.change}
    if valued != set(given):
        raise ClaimError(f"{verdict['claim']} needs values for the readings "
                         f"{sorted(valued) or 'none'}, not {sorted(given) or 'none'}: see "
                         "other-readings")  # fmt: skip
    rows, found = {part.key: part for part in table.itertuples()}, []
    for reading in listed.itertuples():
        parts, tolerance, reasoned = {p["key"]: p for p in verdict["parts"]}, None, False
        for change in map(str.strip, reading.change.split(";")):
            head, _, result = change.partition("=")
            key, _, other = head.removesuffix("@").partition(":")
            if key == "tolerance":
                tolerance = float(result)
            elif key not in parts:
                raise ClaimError(f"the reading {reading.id} changes the part {key!r}, which "
                                 f"{verdict['claim']} does not have")  # fmt: skip
            elif result:
                parts[key], reasoned = parts[key] | {"outcome": result}, True
            else:
                role, test = (other, "") if other in ROLES else (parts[key]["role"], other)
                if head.endswith("@"):
                    value = _listed(given[reading.key][key])
                    parts[key] = asdict(_part(rows[key], value, test))
                parts[key] = parts[key] | {"role": role}
        core = _core(parts.values())
        changed = verdict | {"parts": [*parts.values()], "differs": verdict["differs"] and (
            core == _core(verdict["parts"]))}  # fmt: skip
        now = redecide(changed, core) if tolerance is None else rejudge(changed, tolerance)
        found.append(
            {
                "id": reading.id,
                "reading": reading.reading,
                "leans": reading.leans,
                "how": "reasoned" if reasoned else "computed",
                "parts": {k: p["computed"] for k, p in parts.items() if p["role"] == "core"},
                "verdict": now,
            }
        )
    return tuple(found)


def _core(parts) -> list[str]:
    """The outcomes of the deciding parts."""
    return [part["outcome"] for part in parts if part["role"] == "core"]


def _said(value, unit: str = "") -> str:
    """One value in words: a text as it was given, a bare number by its unit."""
    if isinstance(value, str):
        return str(value)
    plain = _plain(value)
    if isinstance(plain, str):  # a day
        return words.day(plain)
    if unit.startswith("share"):
        # of what is nearly none, half or all as many digits as tell it from that
        least, edges = 0 if plain >= 0.1 else 1, {0, 0.5, 1} - {plain}
        told = (d for d in range(least, words.DIGITS) if round(plain, d + 2) not in edges)
        return words.write(plain, f"{{:.{next(told, least)}%}}")
    return words.write(plain, "{:,.4g}" if plain % 1 and abs(plain) < 1000 else "{:,.0f}")


def _words(test: str, given: list, unit: str) -> str:
    """What was computed, for a reader; sources by the names of their publishers."""
    if test == "undecidable":
        return "no data"
    if test == "yes":
        return "yes" if _plain(given[0]) else "no"
    if test == "stated":
        return "; ".join(dict.fromkeys(_publishers()[source] for source in given))
    said = [_said(one, unit) for one in given]
    if test == "found":
        return f"{said[0] if said[0] != '0' else 'none'} found in {said[1]} searched"
    if test == "after":
        return f"{' or '.join(said[:-1])}, against {said[-1]}"
    if test == "majority":
        return f"{said[0]} hold, {said[1]} do not, of {said[2]}"
    if test.endswith("abnormally"):
        move, p = given[0], _plain(given[1])
        move = move if isinstance(move, str) else words.write(_plain(move), "{:+.1f}%")
        if 0.0495 <= p < 0.05:  # which three digits would round to 0.050
            return f"{move}, p just below 0.05"
        return f"{move}, p {'below 0.001' if p < 0.001 else f'= {p:.3f}'}"
    return "; ".join(said)


def records(folder: Path = CHAPTERS) -> list[dict]:
    """All verdicts that stand in the chapters' outputs, by claim id.

    Each record gains ``page`` and ``cell``: the notebook's name and the id of the cell.  No two
    cells may judge the same claim.
    """
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        for cell, record in stored.outputs(json.loads(path.read_text("utf-8")), MIME):
            found.append(record | {"page": path.stem, "cell": cell})
    for claim, times in Counter(r["claim"] for r in found).items():
        if times > 1:
            raise ClaimError(f"{claim} is judged in {times} cells: keep the one in its chapter")
    return sorted(found, key=lambda r: (len(r["claim"]), r["claim"]))  # C2 before C10


def ledger(found: list[dict] | None = None) -> pd.DataFrame:
    """One row a claim: ``claim, paraphrase, type, implied, scored, verdict, rule, page, cell``."""
    columns = ["claim", "paraphrase", "type", "implied", "scored", "verdict", "rule", "page",
               "cell"]  # fmt: skip
    return pd.DataFrame(records() if found is None else found)[columns]


def redecide(record: dict, core: list[str]) -> str:
    """The verdict that a record would get with other outcomes of its deciding parts.

    They may be fewer or more than there are, if the claim is cut another way.
    """
    parts = record["parts"]
    context = any(p["role"] == "context" and p["outcome"] == "true" for p in parts)
    # A downgrade that came from another definition stands as long as the outcomes do.
    return decide(record["type"], core, context or (record["differs"] and core == _core(parts)))[0]


def rejudge(record: dict, tolerance: float | None) -> str:
    """The verdict that a record's values would get under another tolerance."""
    core = [
        outcome(p["test"], tuple(p["values"]), p["claimed"], p["precision"], tolerance)
        if p["test"] in ("rounds", "nearly")
        else p["outcome"]
        for p in record["parts"]
        if p["role"] == "core"
    ]
    return redecide(record, core)


def without(record: dict, kind: str) -> str:
    """The verdict if all sources of one kind were dropped.

    A part of which no row keeps a source becomes *open*; so does one that fewer than two
    publishers still report.  Values are not computed again.  Context parts stay as they are.
    """
    evidence = catalog.load("claim-evidence", live=False).fillna("")
    core = []
    for part in record["parts"]:
        if part["role"] != "core":
            continue
        result = part["outcome"]
        if part["test"] == "stated":
            known = catalog.sources_by_id()
            left = tuple(v for v in part["values"] if known[v]["kind"] != kind)
            result = outcome("stated", left, publishers=_publishers())
        lines = evidence[(evidence["claim"] == record["claim"]) & (evidence["key"] == part["key"])]
        for line in lines.itertuples():
            behind = grounds.rows(line.dataset, line.rows).values()
            if not any(grounds.best(ids, kind) for ids in behind):
                result = "open"
        core.append(result)
    return redecide(record, core)


def score(found: list[dict]) -> pd.DataFrame:
    """How the article does: its scored claims counted by type (rows) and verdict (columns)."""
    scored = pd.DataFrame([r for r in found if r["scored"]], columns=["type", "verdict"])
    return pd.crosstab(scored["type"], scored["verdict"]).reindex(columns=SETTLED, fill_value=0)


def under(found: list[dict], leans: str) -> dict[str, str]:
    """Every scored claim's verdict if all readings that lean one way were taken.

    ``leans`` is "kinder" or "sterner"; of several readings of one claim the furthest counts.
    """
    pick = min if leans == "kinder" else max
    ways = {}
    for record in found:
        if record["scored"]:
            gives = [r["verdict"] for r in record["readings"] if r["leans"] == leans]
            ways[record["claim"]] = pick([record["verdict"], *gives], key=VERDICTS.index)
    return ways


def firm(found: list[dict], least: int = 2) -> list[str]:
    """The claims that fall under our reading and under all others, `least` of which were tried."""
    return [
        r["claim"]
        for r in found
        if r["scored"]
        and r["verdict"] in FALL
        and len(r["readings"]) >= least
        and all(one["verdict"] in FALL for one in r["readings"])
    ]
