"""Ask every address that the book names whether it is still there.

Writes a Markdown report to the path given.  Exit 1 if an address is gone.  A host that refuses
robots (401, 403, 429) or asks to wait is not counted as gone, only listed.  The standard library
is enough: a page's links are checked offline by the tests, and what is left is one column of URLs.
"""

import csv
import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
URL = re.compile(r"https?://[^\s)>\"'`\]}]+")
REFUSED = {401, 403, 405, 406, 429, 451, 503, 999}


def addresses(root: Path) -> dict[str, str]:
    """Every outside address with the place that names it."""
    found = {}
    with (root / "data" / "sources.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["url"].startswith("http"):
                found.setdefault(row["url"], f"sources.csv: {row['id']}")
    for path in sorted([*root.glob("*.md"), *(root / "chapters").glob("*.md")]):
        for url in URL.findall(path.read_text("utf-8")):
            found.setdefault(url.rstrip(".,;:"), path.name)
    return found


def ask(url: str, timeout: float = 20) -> str:
    """Nothing if the address answers, else what it said."""
    request = urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=timeout):
            return ""
    except urllib.error.HTTPError as error:
        return f"{'refused' if error.code in REFUSED else 'gone'}: {error.code}"
    except (OSError, ValueError) as error:
        return f"gone: {getattr(error, 'reason', error)}"


def check(found: dict[str, str], again: int = 2) -> dict[str, str]:
    """What is wrong with each address, asked more than once before it counts."""

    def patient(url: str) -> str:
        said = ""
        for _ in range(again):
            said = ask(url)
            if not said.startswith("gone"):
                break
        return said

    with ThreadPoolExecutor(8) as pool:
        return {u: said for u, said in zip(found, pool.map(patient, found), strict=True) if said}


def report(found: dict[str, str], bad: dict[str, str]) -> str:
    """The report as Markdown."""
    lines = [f"{len(found)} addresses were asked.", ""]
    for kind in ("gone", "refused"):
        some = {u: s for u, s in bad.items() if s.startswith(kind)}
        lines += [f"## {len(some)} {kind}", ""]
        lines += [f"- {u} ({found[u]}): {s.split(': ', 1)[1]}" for u, s in some.items()] + [""]
    return "\n".join(lines)


if __name__ == "__main__":
    found = addresses(ROOT)
    bad = check(found)
    Path(sys.argv[1]).write_text(report(found, bad), "utf-8")
    print(report(found, bad))
    sys.exit(any(s.startswith("gone") for s in bad.values()))
