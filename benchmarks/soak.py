"""The long campaigns: every data row, event, page in the browser and kill; up to an hour.

``make soak`` runs it.  A run without a failure leaves ``soak.json`` beside this file, which the
status page shows; a run with one leaves the last record as it was.

Run: python benchmarks/soak.py.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from shockbook.data import write_whole

ROOT = Path(__file__).parents[1]
RECORD = Path(__file__).parent / "soak.json"
STEPS = (
    [sys.executable, "-m", "shockbook", "check"],
    [sys.executable, "benchmarks/bench_gallery.py"],
    [sys.executable, "-m", "pytest", "-q", "-n", "2"],
)


def counts(output: str) -> str:
    """The counts of pytest's last line: ``"1,283 passed, 1 skipped"``; empty if there is none."""
    for line in reversed(output.splitlines()):
        found = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", line)
        if found:
            return ", ".join(f"{int(n):,d} {what}" for n, what in found)
    return ""


def run(steps=STEPS, record: Path = RECORD) -> int:
    """Run the steps one after the other, all with SOAK set, and show what they print.

    Returns
    -------
    int
        0 if all ended well and a test ran, and the record is replaced; else the status of the
        first step that did not, or 1.
    """
    begin, printed = time.monotonic(), []
    for step in steps:
        with subprocess.Popen(
            step,
            cwd=ROOT,
            env={**os.environ, "SOAK": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout:
                print(line, end="", flush=True)
                printed.append(line)
        if process.returncode:
            print(f"The long run stopped; the record {record.name} stands as it was.")
            return process.returncode
    result = counts("".join(printed))
    if "passed" not in result:
        print(f"No test ran; the record {record.name} stands as it was.")
        return 1
    minutes = round((time.monotonic() - begin) / 60)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    text = json.dumps({"date": today, "minutes": minutes, "result": result}) + "\n"
    write_whole(record, text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(run())
