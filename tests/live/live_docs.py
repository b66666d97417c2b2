"""Why each dataset is live, or is not: the tables of the docs."""

from shockbook import data
from shockbook.live.registry import LIVE, of_chapter

#: Why each source was chosen.
WHY = {
    "yahoo_chart": "the snapshot's prices come from it too, by way of public copies",
    "sec_companyfacts": "the companies' own filings, each value with the day it was filed",
    "fred_dexchus": "the very series of the snapshot, at one address, without a key",
    "epoch_notable": "the very table of the snapshot (CC BY), at one address, without a key",
    "llm_prices": "most of the snapshot's rows come from its history, so that names and units "
    "agree; one small file without a key",
}
#: Why datasets that could be thought live are not.
SNAPSHOT_ONLY = {
    "sp500-prices": "503 tickers would be a thousand requests at once, and companies that were "
    "bought or renamed since are gone from it",
    "factors": "each release revises the whole history; the vintages are kept apart on purpose",
    "shares-outstanding": "the counts on the covers of filings that were in force at the event",
    "gpu-rents": "quotes of many providers, read page by page",
}
#: The claims and their rules are the book's own.
OWN = {
    *("claims", "claim-parts", "verdict-rules", "verdict-tests", "sources"),
    *("other-readings", "retelling", "first-edition", "corrections"),
}


def tables(chapters: list[str]) -> str:
    """What is live and what is snapshot only, chapter by chapter, as Markdown for the docs."""
    snapshot = data.snapshot()
    lines = ["| chapter | live | snapshot only |", "| --- | --- | --- |"]
    for chapter in chapters:
        used = [r["name"] for r in snapshot.resources if chapter in r["usedBy"]]
        fixed = [n for n in used if n not in LIVE and n not in OWN]
        live = ", ".join(f"{live.dataset} ({live.name})" for live in of_chapter(chapter, snapshot))
        lines.append(f"| {chapter} | {live} | {', '.join(fixed)} |")
    lines += ["", "| dataset | live source | what comes from it | why this source |"]
    lines += ["| --- | --- | --- | --- |"]
    for live in LIVE.values():
        source = live.source
        link = f"[{live.name}]({source['url']})"
        lines.append(f"| {live.dataset} | {link} | {live.covers} | {WHY[source['id']]} |")
    lines += ["", "| dataset | why it is snapshot only |", "| --- | --- |"]
    lines += [f"| {name} | {why} |" for name, why in SNAPSHOT_ONLY.items()]
    lines.append("| all others | read by hand from filings, papers, pages and the press |")
    return "\n".join(lines) + "\n"
