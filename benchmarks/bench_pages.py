"""Speed and weight of built pages in headless Chromium, as a phone on a slow line meets them.

Each page is served on this machine with gzip, as a static host would, and opened in a fresh
browser: at full speed, and on slow 4G (1.6 Mbit/s down, 0.75 up, 150 ms, a processor four times
slower).  Medians of several visits.  A chart counts as shown when it has drawn content of at
least 20 pixels each way.

Run: python benchmarks/bench_pages.py [folder of a built book] [page ...].
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import shutil
import statistics
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

VISITS = 5
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
SLOWER = 4  # times
WATCH = """
window.seen = {shift: 0, blocking: 0, charts: {}};
new PerformanceObserver(list => list.getEntries().forEach(e => {
  if (!e.hadRecentInput) seen.shift += e.value;
})).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => {
  seen.blocking += Math.max(0, e.duration - 50);
})).observe({type: 'longtask', buffered: true});
const look = () => {
  const drawn = '.chart-picture svg, .vega-embed svg, .vega-embed canvas';
  document.querySelectorAll(drawn).forEach(c => {
    const box = c.getBoundingClientRect();
    if (box.width > 20 && box.height > 20) {
      const key = (c.closest('figure, .cell')?.id) || c.parentNode.id;
      seen.charts[key] ??= performance.now();
    }
  });
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


class Compressed(http.server.SimpleHTTPRequestHandler):
    """Serves a folder with gzip, and counts the bytes sent."""

    sent = 0

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.exists():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes(), 6)
        type(self).sent += len(body)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def visit(browser, address: str, slow: bool) -> dict[str, float]:
    """Open one page in a fresh context; return its times in ms and its weight in bytes."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    if slow:
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_4G)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    Compressed.sent = 0
    page.goto(address, wait_until="load", timeout=90_000)
    page.wait_for_timeout(1500 if slow else 500)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
    )
    seen = page.evaluate("seen")
    times = seen["charts"].values()
    context.close()
    return {
        "paint": paint,
        "first chart": min(times, default=float("nan")),
        "last chart": max(times, default=float("nan")),
        "blocking": seen["blocking"],
        "shift": seen["shift"],
        "bytes": Compressed.sent,
        "charts": len(seen["charts"]),
    }


def measure(folder: Path, names: list[str], visits: int = VISITS) -> list[dict]:
    """Return one row for each page and speed: medians over the visits."""
    handler = functools.partial(Compressed, directory=str(folder))
    rows = []
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for name in names:
            for slow in (False, True):
                address = f"http://127.0.0.1:{server.server_port}/{name}"
                found = [visit(browser, address, slow) for _ in range(visits)]
                row = {key: statistics.median(f[key] for f in found) for key in found[0]}
                rows.append({"page": name, "line": "slow 4G" if slow else "loopback", **row})
        browser.close()
        server.shutdown()
    return rows


def table(rows: list[dict]) -> str:
    """Return the rows as text for a terminal."""
    head = f"{'page':<28}{'line':<10}{'paint':>8}{'first chart':>13}{'last':>8}"
    lines = [head + f"{'blocking':>10}{'shift':>8}{'kB gzip':>9}{'charts':>8}"]
    for r in rows:
        lines.append(
            f"{r['page']:<28}{r['line']:<10}{r['paint']:>7.0f} {r['first chart']:>12.0f} "
            f"{r['last chart']:>7.0f} {r['blocking']:>9.0f} {r['shift']:>7.3f} "
            f"{r['bytes'] / 1e3:>8.0f} {r['charts']:>7.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure the pages that are named, or every chapter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default="_build/html", type=Path)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--visits", type=int, default=VISITS)
    options = parser.parse_args()
    names = options.pages or [
        "index.html",
        *(f"chapters/{p.name}" for p in sorted(options.folder.glob("chapters/[0-9]-*.html"))),
    ]
    print(table(measure(options.folder, names, options.visits)))


if __name__ == "__main__":
    main()
