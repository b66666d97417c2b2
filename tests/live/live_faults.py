"""Every fault of a live source, and what must come of it.

The tests run each case against the loopback server; ``chapters/live-faults.inc`` is the same list
as a table.  ``python tests/live/live_faults.py`` writes the fragments of the docs again.
"""

from __future__ import annotations

import dataclasses
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from live_docs import tables
from live_server import Reply, Request, edited, unknown

from shockbook.live.faults import UNATTENDED

CHAPTERS = Path(__file__).parents[2] / "chapters"
#: The chapters that analyse.
ANALYSIS = ["launch", "cost", "nvidia", "market", "capex", "enterprise"]
#: Where each source's data lie on the server; anything else is cookies and crumbs.
DATA = {
    "prices": "/v8/finance/chart/",
    "capex-quarterly": "/api/xbrl/companyfacts/",
    "usdcny": "/graph/fredgraph.csv",
    "epoch-models": "/data/notable_ai_models.csv",
    "api-prices": "/current-v1.json",
}
NAMES = {
    "prices": "Yahoo",
    "capex-quarterly": "SEC EDGAR",
    "usdcny": "FRED",
    "epoch-models": "Epoch AI",
    "api-prices": "llm-prices",
}
Fault = Callable[[Request, Reply], Reply]


@dataclass
class Case:
    """One fault of one source.

    Attributes
    ----------
    fault : str
        Its name.
    dataset : str
        The dataset that is fetched.
    breaks : callable
        What the server does to its answers.
    code : int
        How ``refresh`` exits.
    says : str
        The sentence of both the refresh and the chapter's banner; empty if there is none.
        ``{tries}`` and ``{whole}`` stand for the patience that was used.
    chapter : str
        State of the banner: ``live`` or ``failed``.
    accepted : bool
        Whether ``--accept-revisions`` would take it.
    """

    fault: str
    dataset: str
    breaks: Fault
    code: int = 0
    says: str = ""
    chapter: str = ""
    accepted: bool = False

    def __post_init__(self):
        self.chapter = self.chapter or ("failed" if self.code else "live")

    def sentence(self, patience, yesterday="yesterday") -> str:
        """The sentence as it is with a given patience, on a given day."""
        return self.says.format(
            tries=patience.tries, whole=f"{patience.whole:g}", yesterday=yesterday
        )


def on(dataset: str, change: Callable[[Request, Reply], Reply]) -> Fault:
    """A fault of a source's data, leaving its other answers alone."""
    path = DATA[dataset]
    return lambda request, reply: change(request, reply) if path in request.path else reply


def fixed(**changes) -> Callable[[Request, Reply], Reply]:
    """Every answer changed in the same way."""
    return lambda request, reply: dataclasses.replace(reply, **changes)


def busy_once(request: Request, reply: Reply) -> Reply:
    """429 at the first request of each address."""
    return (
        Reply(429, "text/plain", "Too Many Requests", {"Retry-After": "1"})
        if not request.count
        else reply
    )


def chart(ticker: str, change: Callable[[dict], None], whole: bool = True) -> Fault:
    """A change of one ticker's chart (of the request for its history)."""

    def fault(request: Request, reply: Reply) -> Reply:
        if request.path != DATA["prices"] + ticker or ("period1" not in request.query and whole):
            return reply
        return edited(reply, lambda body: change(body["chart"]["result"][0]))

    return fault


def of_day(day: str, change: Callable[[dict, int], None]) -> Callable[[dict], None]:
    """A change of one day's bar: ``change(chart, place)``."""
    import datetime as dt

    def edit(body: dict) -> None:
        for place, stamp in enumerate(body["timestamp"]):
            if dt.datetime.fromtimestamp(stamp, dt.UTC).date().isoformat() == day:
                return change(body, place)
        raise AssertionError(f"no bar of {day}")

    return edit


def bar(**values) -> Callable[[dict, int], None]:
    """Set columns of one bar; a callable is applied to the value there."""

    def change(body: dict, place: int) -> None:
        quote = body["indicators"]["quote"][0]
        adjusted = body["indicators"]["adjclose"][0]["adjclose"]
        for name, value in values.items():
            cells = adjusted if name == "adjclose" else quote[name]
            cells[place] = value(cells[place]) if callable(value) else value

    return change


def twice(factor: float) -> Callable[[dict, int], None]:
    """The bar again, an hour later, with its close times ``factor``."""

    def change(body: dict, place: int) -> None:
        body["timestamp"].insert(place, body["timestamp"][place] - 60)
        quote = body["indicators"]["quote"][0]
        for cells in [*quote.values(), body["indicators"]["adjclose"][0]["adjclose"]]:
            if cells and cells is not quote.get("done"):
                cells.insert(place, cells[place])
        quote["close"][place] *= factor

    return change


def separate(body: dict) -> None:
    """The server's quote columns as lists of their own."""
    quote = body["indicators"]["quote"][0]
    body["indicators"]["quote"][0] = {name: list(cells) for name, cells in quote.items()}


def split(body: dict, restated: bool) -> None:
    """A split of ten for one on 26 March 2025, with older bars restated or not."""
    day = 1742995800  # 26 March 2025, 09:30 in New York
    entry = {"date": day, "numerator": 10, "denominator": 1, "splitRatio": "10:1"}
    body["events"] = {"splits": {str(day): entry}}
    quote = body["indicators"]["quote"][0]
    for place, stamp in enumerate(body["timestamp"]):
        if restated or stamp >= day:
            for name in ("open", "high", "low", "close"):
                quote[name][place] /= 10
            body["indicators"]["adjclose"][0]["adjclose"][place] /= 10
            quote["volume"][place] *= 10


def shifted(body: dict) -> None:
    """Every bar a day earlier, as a wrong clock would have it."""
    body["timestamp"] = [stamp - 86400 for stamp in body["timestamp"]]


def no_bars(body: dict) -> None:
    """No bars at all, in the way that Yahoo says it."""
    del body["timestamp"]
    body["indicators"] = {"quote": [{}], "adjclose": [{}]}


def json_of(dataset: str, change: Callable[[dict], None]) -> Fault:
    """A change of a source's JSON."""
    return on(dataset, lambda request, reply: edited(reply, change))


def facts(change: Callable[[dict, str], None]) -> Fault:
    """A change of Microsoft's facts: ``change(concepts, tag)``."""

    def fault(request: Request, reply: Reply) -> Reply:
        if not request.path.endswith("CIK0000789019.json"):
            return reply
        return edited(
            reply,
            lambda body: change(
                body["facts"]["us-gaap"], "PaymentsToAcquirePropertyPlantAndEquipment"
            ),
        )

    return fault


def lines_of(dataset: str, change: Callable[[list[str]], list[str]]) -> Fault:
    """A change of the lines of a source's table."""
    return on(
        dataset,
        lambda request, reply: dataclasses.replace(
            reply, text="\n".join([*change(reply.text.splitlines()), ""])
        ),
    )


def text_of(dataset: str, old: str, new: str) -> Fault:
    """A source's table in which one text stands for another."""
    return lines_of(dataset, lambda lines: [line.replace(old, new) for line in lines])


def rate_of(day: str, rate: str) -> Callable[[list[str]], list[str]]:
    """Another rate on one day."""
    return lambda lines: [f"{day},{rate}" if line.startswith(day) else line for line in lines]


def half(request: Request, reply: Reply) -> Reply:
    """The first half of the text, as if it were whole."""
    return dataclasses.replace(reply, text=reply.text[: len(reply.text) // 2])


def ending(place: int) -> Callable[[Request, Reply], Reply]:
    """The text up to a place, as a proxy leaves it that stores what it has got."""
    return lambda request, reply: dataclasses.replace(reply, text=reply.text[:place])


def packed_and_cut(request: Request, reply: Reply) -> Reply:
    """Gzip without its end, which unpacks to less, in silence."""
    stream = [gzip.compress(reply.text.encode())[:-300]]
    return dataclasses.replace(reply, stream=stream, headers={"Content-Encoding": "gzip"})


def year_of_facts(concepts: dict, tag: str, **values) -> None:
    """Set fields of Microsoft's fiscal year 2024."""
    for fact in concepts[tag]["units"]["USD"]:
        if fact["fy"] == 2024:
            fact |= values


def ten_times(concepts: dict, tag: str) -> None:
    """The first quarter of Microsoft's fiscal year 2025 ten times off."""
    for fact in concepts[tag]["units"]["USD"]:
        if fact["end"] == "2024-09-30":
            fact["val"] *= 10


def second_value(concepts: dict, tag: str, **other) -> None:
    """Another value of one period in the same filing."""
    rows = concepts[tag]["units"]["USD"]
    rows.append({**rows[0], "val": rows[0]["val"] + 5_000_000, **other})


def _rename(concepts: dict, tag: str, unit: str) -> None:
    concepts[tag]["units"] = {unit: concepts[tag]["units"]["USD"]}


def _without(concepts: dict, tag: str, field: str) -> None:
    for fact in concepts[tag]["units"]["USD"]:
        del fact[field]


def _cases() -> list[Case]:
    cases = []
    for dataset, name in NAMES.items():
        cases += [
            Case("normal", dataset, lambda request, reply: reply),
            Case("429 (too many requests), then an answer", dataset, on(dataset, busy_once)),
            Case(
                "429 for ever",
                dataset,
                fixed(code=429, kind="text/plain", text="Too Many Requests"),
                1,
                f"{name} says 'too many requests' (429) after {{tries}} tries: wait an hour.",
            ),
            Case(
                "500",
                dataset,
                on(dataset, fixed(code=500, kind="text/plain", text="oops")),
                1,
                f"{name} is out of order (answer 500) after {{tries}} tries.",
            ),
            Case(
                "no answer in time",
                dataset,
                on(dataset, fixed(hang=0.8)),
                1,
                f"{name} did not answer within {{whole}} seconds.",
            ),
            Case(
                "connection dropped in the middle",
                dataset,
                on(dataset, fixed(drop=True)),
                1,
                f"{name} broke off in the middle of an answer.",
            ),
            Case(
                "a web page (consent) instead of data",
                dataset,
                on(
                    dataset,
                    fixed(kind="text/html", text="<!doctype html><title>Consent</title><form>"),
                ),
                2,
                f"{name} sent a web page (a consent or sign-in page) instead of data.",
            ),
        ]
    cut = "{} sent an answer that is cut short."
    cases += [
        Case("cut short", "prices", on("prices", half), 1, cut.format("Yahoo")),
        Case(
            "cut short", "capex-quarterly", on("capex-quarterly", half), 1, cut.format("SEC EDGAR")
        ),
        Case("cut short", "api-prices", on("api-prices", half), 1, cut.format("llm-prices")),
        Case("cut short", "usdcny", on("usdcny", half), 1, cut.format("FRED")),
        Case("cut short", "epoch-models", on("epoch-models", half), 1, cut.format("Epoch AI")),
        Case("cut in the last row", "usdcny", on("usdcny", ending(-3)), 1, cut.format("FRED")),
        Case("packed, and cut", "usdcny", on("usdcny", packed_and_cut), 1, cut.format("FRED")),
        Case(
            "half of the rows",
            "usdcny",
            lines_of("usdcny", lambda lines: lines[: len(lines) // 2]),
            2,
            "The live usdcny lacks 172 of the snapshot's 346 rows (for instance 2025-03-21).",
        ),
        Case(
            "a decimal comma",
            "usdcny",
            lines_of("usdcny", lambda lines: [*lines[:-1], lines[-1].replace(".", ",")]),
            2,
            'FRED sent a table in another form: Row at position "353" has an extra value in field '
            'at position "3".',
        ),
        Case(
            "a cell missing",
            "epoch-models",
            lines_of("epoch-models", lambda lines: [*lines[:-1], lines[-1].rsplit(",", 1)[0]]),
            2,
            'Epoch AI sent a table in another form: Row at position "21" has a missing cell in '
            'field "Model accessibility" at position "19".',
        ),
        Case(
            "one ticker unknown",
            "prices",
            lambda request, reply: unknown() if request.path.endswith("/^VIX") else reply,
            0,
            "the source does not know ^VIX; their rows stay",
        ),
        Case(
            "one company unknown",
            "capex-quarterly",
            lambda request, reply: (
                Reply(404, "application/xml", "<Error/>")
                if request.path.endswith("CIK0000789019.json")
                else reply
            ),
            2,
            "SEC EDGAR knows nothing at /api/xbrl/companyfacts/CIK0000789019.json (answer 404).",
        ),
        Case(
            "empty result",
            "prices",
            chart("SPY", no_bars),
            2,
            "Yahoo has no prices of SPY from 2023-11-01 to {yesterday}.",
        ),
        Case(
            "empty result",
            "capex-quarterly",
            facts(lambda concepts, tag: concepts.clear()),
            2,
            "SEC EDGAR's facts of Microsoft have no PaymentsToAcquirePropertyPlantAndEquipment.",
        ),
        Case(
            "empty result",
            "usdcny",
            lines_of("usdcny", lambda lines: lines[:1]),
            2,
            "FRED sent a table without rows.",
        ),
        Case(
            "empty result",
            "epoch-models",
            lines_of("epoch-models", lambda lines: lines[:1]),
            2,
            "Epoch AI sent a table without rows.",
        ),
        Case(
            "empty result",
            "api-prices",
            json_of("api-prices", lambda body: body["prices"].clear()),
            2,
            "llm-prices sent a list without prices.",
        ),
        Case(
            "a column missing",
            "prices",
            chart("SPY", lambda body: body["indicators"]["quote"][0].pop("close")),
            2,
            "Yahoo's answer for SPY has no 'close': its form has changed.",
        ),
        Case(
            "the adjusted close missing",
            "prices",
            chart("SPY", lambda body: body["indicators"].pop("adjclose")),
            2,
            "Yahoo's answer for SPY has no 'adjclose': its form has changed.",
        ),
        Case(
            "a column missing",
            "capex-quarterly",
            facts(lambda concepts, tag: _without(concepts, tag, "val")),
            2,
            "SEC EDGAR's facts of Microsoft have no 'val': their form has changed.",
        ),
        Case(
            "text in the place of a value",
            "capex-quarterly",
            facts(lambda concepts, tag: concepts[tag]["units"]["USD"][0].update(val="n/a")),
            2,
            "SEC EDGAR's facts of Microsoft hold text where a number or a day should be.",
        ),
        Case(
            "text in the place of a date",
            "capex-quarterly",
            facts(lambda concepts, tag: concepts[tag]["units"]["USD"][0].update(end="soon")),
            2,
            "SEC EDGAR's facts of Microsoft hold text where a number or a day should be.",
        ),
        Case(
            "a column missing",
            "usdcny",
            lines_of("usdcny", lambda lines: ["observation_date,VALUE", *lines[1:]]),
            2,
            "FRED sent a table in another form: There is a missing label in the header's field "
            '"DEXCHUS" at position "3".',
        ),
        Case(
            "a column missing",
            "epoch-models",
            lines_of(
                "epoch-models", lambda lines: [lines[0].replace("Parameters", "Size"), *lines[1:]]
            ),
            2,
            "Epoch AI sent a table in another form: There is a missing label in the header's field "
            '"Parameters" at position "20".',
        ),
        Case(
            "a column missing",
            "api-prices",
            json_of("api-prices", lambda body: [row.pop("output") for row in body["prices"]]),
            2,
            "llm-prices sent a list in another form (KeyError: 'output').",
        ),
        Case(
            "an empty row",
            "prices",
            chart(
                "NVDA",
                of_day(
                    "2025-01-27",
                    bar(open=None, high=None, low=None, close=None, volume=None, adjclose=None),
                ),
            ),
            2,
            "prices would lose a row: NVDA, 2025-01-27.",
            accepted=True,
        ),
        Case(
            "empty rows",
            "capex-quarterly",
            facts(lambda concepts, tag: year_of_facts(concepts, tag, val=None)),
            2,
            "SEC EDGAR lacks 4 of the snapshot's 29 quarters of Microsoft "
            "(for instance MSFT-2023Q3).",
        ),
        Case(
            "an empty row",
            "usdcny",
            lines_of("usdcny", rate_of("2025-01-27", "")),
            2,
            "usdcny would lose a row: 2025-01-27.",
            accepted=True,
        ),
        Case(
            "an empty row",
            "api-prices",
            json_of("api-prices", lambda body: body["prices"][0].update(input=None)),
            2,
            "llm-prices has no price of deepseek-chat.",
        ),
        Case(
            "empty cells",
            "epoch-models",
            text_of("epoch-models", "1040000000000.0", ""),
            2,
            "epoch-models would lose a value of parameters: ep_kimi_k2_5.",
            accepted=True,
        ),
        Case(
            "no volume on a day",
            "prices",
            chart("NVDA", of_day("2025-01-27", bar(volume=0))),
            2,
            "prices would revise a value of volume by more than 50.0%, the most for volume of "
            "NVDA, 2025-01-27: 8.18831e+08 becomes 0.",
            accepted=True,
        ),
        Case(
            "a day twice, the same",
            "prices",
            chart("NVDA", of_day("2025-01-27", twice(1.0))),
        ),
        Case(
            "a day twice, two prices",
            "prices",
            chart("NVDA", of_day("2025-01-27", twice(1.01))),
            2,
            "Yahoo gives two different closes of NVDA on 2025-01-27.",
        ),
        Case(
            "a period twice, two values",
            "capex-quarterly",
            facts(second_value),
            2,
            "SEC EDGAR's filing of 2019-04-30 gives two values for the capex of Microsoft in the "
            "3 months to 2019-03-31.",
        ),
        Case(
            "a period twice, two days apart",
            "capex-quarterly",
            facts(lambda concepts, tag: second_value(concepts, tag, start="2019-01-02")),
            2,
            "SEC EDGAR's filing of 2019-04-30 gives two values for the capex of Microsoft in the "
            "3 months to 2019-03-31.",
        ),
        Case(
            "a known model of another year",
            "epoch-models",
            text_of("epoch-models", "2026-02-02", "1999-02-02"),
            2,
            "epoch-models would move a publication_date by more than a year: ep_kimi_k2_5, "
            "2026-02-02 becomes 1999-02-02.",
            accepted=True,
        ),
        Case(
            "a day twice",
            "usdcny",
            lines_of("usdcny", lambda lines: [*lines, lines[-1]]),
            2,
            "The live usdcny has a row twice: 2025-03-28.",
        ),
        Case(
            "a model twice",
            "epoch-models",
            lines_of("epoch-models", lambda lines: [*lines, lines[1]]),
            2,
            "The live epoch-models has a row twice: ep_qwen3_235b_a22b_thinking_jul_2025.",
        ),
        Case(
            "a model twice, two prices",
            "api-prices",
            json_of(
                "api-prices",
                lambda body: body["prices"].append({**body["prices"][0], "input": 99}),
            ),
            2,
            "llm-prices has two prices of deepseek-chat.",
        ),
        Case(
            "a split inside the window, history restated",
            "prices",
            chart("NVDA", lambda body: split(body, restated=True)),
            2,
            "prices: NVDA was split (10 for 1 on 2025-03-26) and its history is restated.",
            accepted=True,
        ),
        Case(
            "a split inside the window, history not restated",
            "prices",
            chart("NVDA", lambda body: split(body, restated=False)),
            2,
            "Yahoo's closes of NVDA jump by the split of 2025-03-26 (10 for 1): older closes are "
            "not restated.",
        ),
        Case(
            "another currency",
            "prices",
            chart("SPY", lambda body: body["meta"].update(currency="EUR")),
            2,
            "Yahoo quotes SPY in EUR, the snapshot in USD.",
        ),
        Case(
            "another currency",
            "capex-quarterly",
            facts(lambda concepts, tag: _rename(concepts, tag, "EUR")),
            2,
            "SEC EDGAR gives the capex of Microsoft in EUR, not USD.",
        ),
        Case(
            "a time zone that shifts the date",
            "prices",
            chart("SPY", lambda body: body["meta"].update(exchangeTimezoneName="Asia/Tokyo")),
            2,
            "Yahoo puts SPY in the time zone Asia/Tokyo, not America/Chicago or "
            "America/New_York: its dates would shift.",
        ),
        Case(
            "dates shifted by a day",
            "prices",
            chart("NVDA", shifted),
            2,
            "The dates of NVDA in the live prices have shifted: 80 days gone, 79 others in their "
            "place.",
        ),
        Case(
            "a price ten times off",
            "prices",
            chart("NVDA", of_day("2025-01-27", bar(close=lambda value: value * 10))),
            2,
            "The live close of NVDA, 2025-01-27 is 1184.2 where the snapshot has 118.42: 10 times "
            "looks like a slip of the decimal point.",
        ),
        Case(
            "a figure ten times off",
            "capex-quarterly",
            facts(ten_times),
            2,
            "The live capex_usd_millions of MSFT-2024Q3 is 149230 where the snapshot has 14923: "
            "10 times looks like a slip of the decimal point.",
        ),
        Case(
            "a rate ten times off",
            "usdcny",
            lines_of(
                "usdcny",
                lambda lines: [
                    "2025-01-27,72.507" if x.startswith("2025-01-27") else x for x in lines
                ],
            ),
            2,
            "The live cny_per_usd of 2025-01-27 is 72.507 where the snapshot has 7.2507: 10 times "
            "looks like a slip of the decimal point.",
        ),
        Case(
            "a price ten times off",
            "api-prices",
            json_of(
                "api-prices",
                lambda body: body["prices"][0].update(input=body["prices"][0]["input"] * 10),
            ),
            0,
            "was left out: its input_usd_per_m is 10 times the same model's last",
        ),
        Case(
            "an estimate revised by more than half",
            "epoch-models",
            text_of("epoch-models", "1040000000000.0", "104000000000.0"),
            2,
            "epoch-models would revise a value of parameters by more than 50.0%, the most for "
            "parameters of ep_kimi_k2_5: 1.04e+12 becomes 1.04e+11.",
            accepted=True,
        ),
    ]
    return cases


CASES = _cases()


NOTE = ["% Written by `python tests/live/live_faults.py`; a test keeps it in step.", ""]


def sources() -> str:
    """The tables of live sources for the docs, in Markdown."""
    return "\n".join(NOTE) + "\n" + tables(ANALYSIS)


def faults() -> str:
    """The table of faults for the docs, in Markdown."""
    head = [
        *NOTE,
        "| fault | source | what is said | chapter shows | `refresh` exits |",
        "| --- | --- | --- | --- | --: |",
    ]
    order = {name: place for place, name in enumerate(dict.fromkeys(c.fault for c in CASES))}
    grouped: dict[tuple, list[Case]] = {}
    for case in sorted(CASES, key=lambda case: order[case.fault]):
        text = case.sentence(UNATTENDED)
        general = text.replace(NAMES[case.dataset], "*Source*", 1) if case.code in (0, 1) else text
        if text.endswith("instead of data."):
            general = text.replace(NAMES[case.dataset], "*Source*", 1)
        grouped.setdefault((case.fault, general, case.chapter, case.code), []).append(case)
    lines = []
    for (fault, text, chapter, code), cases in grouped.items():
        names = dict.fromkeys(NAMES[case.dataset] for case in cases)
        sources = "every one" if len(names) == len(set(NAMES.values())) else ", ".join(names)
        if len(cases) == 1:
            text = text.replace("*Source*", NAMES[cases[0].dataset])
        shows = "live" if chapter == "live" else "the snapshot"
        ask = " or 0\\*" if cases[0].accepted else ""
        lines.append(f"| {fault} | {sources} | {text or '–'} | {shows} | {code}{ask} |")
    return "\n".join(head + lines) + "\n"


#: What is written into the docs.
FRAGMENTS = {"live-faults.inc": faults, "live-sources.inc": sources}

if __name__ == "__main__":
    for name, text in FRAGMENTS.items():
        (CHAPTERS / name).write_text(text(), encoding="utf-8")
        print(f"chapters/{name}: written")
