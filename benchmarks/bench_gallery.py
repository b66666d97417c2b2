"""The gallery of events: from each file to its page, timed; writes chapters/gallery.inc.

Each event's page is run as ``python -m shockbook event-book FILE`` does it, in a process of its
own and without anything kept from before; ``--quick`` leaves the times of the last run.

Run: python benchmarks/bench_gallery.py [--quick].
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from shockbook import event, event_data, study, words
from shockbook.data import write_whole

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "chapters" / "gallery.inc"
FILES = {  # file: what it shows
    "events/apple-2025-04-03.toml": "An American firm in the book's data",
    "events/gallery/boeing-2019.toml": "A year before the book's data; the news came on a Sunday",
    "events/gallery/sap-2025.toml": "A German firm; a spreadsheet with decimal commas",
    "events/gallery/tokyo-electron-2025.toml": "A Japanese firm against four others",
    "events/gallery/alibaba-2025.toml": "A Hong Kong firm; the news came on a holiday",
    "events/gallery/ether-2025.toml": "A coin, on a Sunday",
    "events/gallery/nasdaq-2025.toml": "An index; the news came after the close",
    "events/gallery/banks-2025.toml": "An industry: thirteen banks as one",
    "events/gallery/by-hand-2012.toml": "Two files as they are downloaded",
}
HEAD = (
    "| Event | What it shows | Session | Abnormal return | *t* | Lines | Seconds "
    "| Of processor |\n"
    "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n"
)


def row(file: str, seconds: str) -> str:
    """One event as a row of the table."""
    path = ROOT / file
    data = event_data.load(path)
    one, firm = data.event, data.event.firm
    found = study.event_study(data.own, one.date, data.spec, firm, data.factors).to_frame()
    car, t = found.loc[firm, "car"], found.loc[firm, "t"]
    written = (line.strip() for line in path.read_text("utf-8").splitlines())
    lines = sum(1 for line in written if line and not line.startswith("#"))
    cells = (one.name, FILES[file], words.day(one.date), words.write(100 * car, "{:+.1f}%"),
             words.write(t, "{:.1f}"), lines, seconds)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def build(file: str) -> str:
    """The seconds that it takes to build the small site of one event, and the processor's."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "shockbook", "event-book", str(ROOT / file)]
    environment = {k: v for k, v in os.environ.items() if k != "SHOCKBOOK_EVENT"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{file}: {done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{time.perf_counter() - start:.0f} | {busy:.0f}"


def main(quick: bool = False) -> int:
    """Write the table; 0 if every event has its page."""
    before = RECORD.read_text("utf-8") if RECORD.exists() else ""
    out = HEAD
    for file in FILES:
        name = event.read(file).name
        old = re.search(rf"^\| {re.escape(name)} \|.* (\d+ \| \d+) \|$", before, re.M)
        seconds = (old[1] if old else " | ") if quick else build(file)
        out += row(file, seconds)
        print(out.splitlines()[-1], flush=True)
    write_whole(RECORD, out.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
