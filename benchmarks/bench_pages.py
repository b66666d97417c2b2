"""Shape, weight and speed of the built pages.

Shape, in a window of 1440 by 900 pixels with code closed: the words that show before the exercises
(folds, figures, tables, verdicts and the retold article left out), the figures, how far down the
first picture starts, and how far down the exercises.

Speed: each page is served on this machine with gzip and opened in a fresh headless Chromium of 390
by 844 pixels: at full speed, and on slow 4G (1.6 Mbit/s down, 0.75 up, 150 ms, a processor four
times slower).  Medians of several visits.  Blocking is the processor time of tasks beyond 50 ms
each after the first paint, on the page's main thread: not wall time, so that other work on the
machine does not count.  A chart counts as shown when it has drawn content of 20 pixels each way.

``--default`` sets beside it the same notebooks with Altair's default renderer, in the same frame
and style.  It asks a public host for Vega, Vega-Lite and Vega-Embed; here the same three files come
from npm and lie beside the pages, without the policy that forbids foreign scripts: both favour it.

Run: python benchmarks/bench_pages.py [--visits 5] [--default] [--write], after the book's build.
``--write`` renews chapters/measurements.inc, which the page *About this site* shows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import gzip
import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

import altair as alt
import nbformat
from playwright.sync_api import sync_playwright

from shockbook import charts

ROOT = Path(__file__).parents[1]
CHAPTERS = (
    "launch", "idea", "cost", "nvidia", "market", "capex", "enterprise", "sequel", "verdicts",
)  # fmt: skip
PAGES = ["index.html", *(f"chapters/{name}.html" for name in CHAPTERS)]
#: What a chapter keeps to: pixels down to its first picture and to its exercises, words, figures.
LIMITS = {"first": 700, "height": 12_000, "words": 1_800, "figures": 7}
#: What may be more, and why.
BEYOND = {"chapters/verdicts.html": {"height": 13_400}}  # it ends with the list of all claims
KEPT = (
    f"A chapter keeps to limits, and a test in a real browser holds them: its first picture "
    f"starts within {LIMITS['first']} pixels of the top of a window of 1440 by 900, its exercises "
    f"begin within {LIMITS['height']:,} pixels with code closed, it has at most "
    f"{LIMITS['words']:,} words and seven figures before them, and a first view weighs at most "
    f"120 kB, packed by gzip. Words are those that show: text in folds, figures, tables, verdicts "
    f"and the retold article is left out. The last chapter is longer, for it ends with the list of "
    f"all claims."
)
SHAPE = """() => {
  const style = document.createElement('style');
  style.textContent = '* {content-visibility: visible !important}';
  document.head.append(style);
  const main = document.getElementById('main');
  const down = element => Math.round(element.getBoundingClientRect().top + scrollY);
  const last = document.getElementById('exercises') ?? main.querySelector('.turn, .page-tools');
  const before = element => element.compareDocumentPosition(last) & 4;
  const text = main.cloneNode(true);
  for (const box of text.querySelectorAll(`#exercises, .evidence, details, figure, .verdict,
    .article, .story, .turn, .page-tools, .card-texts, .table-wrap, pre, script, .visually-hidden`))
    box.remove();
  const figures = [...main.querySelectorAll('figure.chart')].filter(before);
  return {
    words: text.textContent.trim().split(/\\s+/).length,
    figures: figures.length,
    first: down(main.querySelector('figure.chart, section:has(> .article)')),
    height: down(last),
  };
}"""
RECORD = ROOT / "chapters" / "measurements.inc"
VISITS = 5
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
SLOWER = 4  # times
CONDITIONS = (
    "1.6 Mbit/s down, 0.75 up, 150 ms; window of 390 by 844 pixels; blocking counts what each task "
    "takes beyond 50 ms"
)
PACKAGES = {"vega@6": "vega", "vega-lite@6.4.1": "vega-lite", "vega-embed@7": "vega-embed"}
FIRST = "figure.chart :is(.chart-picture, .steps), [id^=altair-viz]"
WATCH = """
window.seen = {shift: 0, chart: null};
new PerformanceObserver(list => list.getEntries().forEach(e => {
  if (!e.hadRecentInput) seen.shift += e.value;
})).observe({type: 'layout-shift', buffered: true});
const look = () => {
  const drawn = document.querySelector(FIRST)?.querySelectorAll('svg, canvas') ?? [];
  for (const picture of drawn) {
    const box = picture.getBoundingClientRect();
    if (box.width > 20 && box.height > 20) { seen.chart = performance.now(); return; }
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
""".replace("FIRST", json.dumps(FIRST))
SHOWN = """boxes => boxes.filter(box => [...box.querySelectorAll('svg, canvas')].some(picture => {
  const {width, height} = picture.getBoundingClientRect();
  return width > 20 && height > 20;
})).length"""


class Counting(http.server.SimpleHTTPRequestHandler):
    """Answers with a file, packed as a static host does it, and counts the bytes sent."""

    protocol_version = "HTTP/1.1"
    sent = 0

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        kind, body = self.guess_type(str(path)), path.read_bytes()
        plain = kind.startswith(("text/", "image/svg", "application/")) and path.suffix != ".gz"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-cache")
        if plain and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        type(self).sent += len(body)
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def server(folder: Path) -> http.server.ThreadingHTTPServer:
    """Return a server of a folder on a free port of this machine."""
    handler = functools.partial(Counting, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


def default_outputs(notebook: nbformat.NotebookNode) -> None:
    """Put what Altair's default renderer writes in the place of a notebook's charts."""
    alt.renderers.enable("default", base_url="/npm")
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            spec = output.get("data", {}).get(charts.MIME)
            if spec is not None:
                output["data"] = alt.renderers.get()(charts.view(spec, "wide"))


def build(folder: Path) -> Path:
    """Build the book with Altair's default renderer from its stored outputs; return its pages."""
    folder.mkdir()
    for name in ("_toc.yml", "index.md", "CITATION.cff", "event.toml"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "chapters", folder / "chapters")
    config = (ROOT / "_config.yml").read_text("utf-8")
    config = config.replace("execute_notebooks: force", 'execute_notebooks: "off"')
    (folder / "_config.yml").write_text(config, "utf-8")
    for path in (folder / "chapters").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        default_outputs(notebook)
        nbformat.write(notebook, path)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(folder), "--quiet"]
    environment = {**os.environ, "TZ": "UTC", "SHOCKBOOK_DATA": str(ROOT / "data")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    pages = folder / "_build" / "html"
    if done.returncode:
        raise SystemExit(f"the book for the measurement does not build:\n{done.stderr[-2000:]}")
    libraries(pages / "npm")
    for page in pages.rglob("*.html"):
        policy = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
        page.write_text(re.sub(policy, "", page.read_text("utf-8")), "utf-8")
    return pages


def libraries(folder: Path) -> None:
    """Put the three scripts of the default renderer into a folder, under the names it asks for."""
    folder.mkdir()
    for name, stem in PACKAGES.items():
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(
                ["npm", "pack", name, "--silent"], cwd=scratch, capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(f"npm does not give {name}: {done.stderr.strip()[-200:]}")
            with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
                script = archive.extractfile(f"package/build/{stem}.min.js").read()
        (folder / name).write_bytes(script)


def blocking(trace: Path) -> float:
    """Milliseconds of processor time beyond 50 of each task after the first paint."""
    events = json.loads(trace.read_text("utf-8"))["traceEvents"]
    main = {e["tid"] for e in events if e.get("args", {}).get("name") == "CrRendererMain"}
    paints = [e for e in events if e["name"] == "firstContentfulPaint" and e["tid"] in main]
    begin = min((e["ts"] for e in paints), default=0)
    tasks = [
        e["tdur"] / 1000
        for e in events
        if e["name"] == "ThreadControllerImpl::RunTask"
        and e["tid"] in main
        and "tdur" in e
        and e["ts"] + e["dur"] > begin
    ]
    return sum(max(0.0, spent - 50) for spent in tasks)


def visit(browser, address: str, slow: bool) -> dict[str, float]:
    """Open one page in a fresh context; return its times in ms and its weight in bytes."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(WATCH)
    if slow:
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_4G)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    Counting.sent = 0
    with tempfile.TemporaryDirectory() as scratch:
        trace = Path(scratch, "trace.json")
        browser.start_tracing(
            page=page, path=str(trace), categories=["toplevel", "loading", "blink.user_timing"]
        )
        page.goto(address, wait_until="load", timeout=120_000)
        page.wait_for_function("() => seen.chart !== null", timeout=120_000)
        page.wait_for_timeout(3000 if slow else 800)
        browser.stop_tracing()
        blocked = blocking(trace)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
    )
    seen = page.evaluate("seen")
    context.close()
    return {
        "paint": paint,
        # a drawing is in place before the frame that shows it
        "chart": max(seen["chart"], paint),
        "blocking": blocked,
        "shift": seen["shift"],
        "weight": Counting.sent,
    }


def without_scripts(browser, address: str) -> tuple[int, int]:
    """How many charts show without JavaScript, and how many the page has."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    boxes = page.locator(FIRST)
    found = boxes.evaluate_all(SHOWN), boxes.count()
    context.close()
    return found


def measure(folder: Path, names: list[str], visits: int) -> tuple[list[dict], list[dict]]:
    """Return one row for each page, medians over the visits at both speeds; and their shapes."""
    rows = []
    with server(folder) as host, sync_playwright() as playwright:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        served = f"http://127.0.0.1:{host.server_port}"
        shaped = shapes(browser, served, names)
        for name in names:
            address = f"{served}/{name}"
            row = {"page": name.removeprefix("chapters/").removesuffix(".html")}
            for line in ("near", "slow"):
                found = [visit(browser, address, line == "slow") for _ in range(visits)]
                row[line] = {key: statistics.median(f[key] for f in found) for key in found[0]}
            row["without"] = without_scripts(browser, address)
            rows.append(row)
            print(".", end="", flush=True)
        browser.close()
        host.shutdown()
    print()
    return rows, shaped


def shapes(browser, address: str, names: list[str]) -> list[dict]:
    """Return the shape of each page in a desk's window; see :data:`SHAPE`."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    found = []
    for name in names:
        page.goto(f"{address}/{name}")
        found.append(page.evaluate(SHAPE))
    page.close()
    return found


SHAPES = ("Page", "Words", "Figures", "First picture, px down", "Exercises, px down")
HEAD = ("Page", "First paint, s", "First chart, s", "First chart, near, s")
HEAD += ("Blocking, ms", "Shift", "kB", "Charts without scripts")


def lines(rows: list[dict]) -> list[list[str]]:
    """Return the cells of the table: on slow 4G, and the first chart at full speed too."""
    return [
        [
            row["page"],
            f"{row['slow']['paint'] / 1000:.1f}",
            f"{row['slow']['chart'] / 1000:.1f}",
            f"{row['near']['chart'] / 1000:.2f}",
            f"{row['slow']['blocking']:,.0f}",
            f"{row['slow']['shift']:.3f}",
            f"{row['slow']['weight'] / 1000:,.0f}",
            f"{row['without'][0]} of {row['without'][1]}",
        ]
        for row in rows
    ]


def table(head: tuple, rows: list[list[str]]) -> str:
    """Return a table as MyST, which a terminal shows well enough."""
    cells = [list(head), ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(cell) + " |" for cell in cells)


def main(arguments: list[str] = ()) -> None:
    """Measure the built pages, print two tables, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="such as chapters/nvidia.html; else all chapters")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--default", action="store_true", help="Altair's default renderer too")
    parser.add_argument("--write", action="store_true", help=f"renew {RECORD.name}")
    options = parser.parse_args(list(arguments))
    if not (options.site / "index.html").exists():
        print("bench pages: no built book here: `make book` first, or give --site; left out")
        return
    names = options.pages or PAGES
    found, shaped = measure(options.site, names, options.visits)
    text = table(HEAD, lines(found))
    shape = table(SHAPES, [
        [row["page"], *(f"{one[key]:,}" for key in ("words", "figures", "first", "height"))]
        for row, one in zip(found, shaped, strict=True)
    ])  # fmt: skip
    print(f"{shape}\n\n{text}")
    if options.default:
        if not shutil.which("npm"):
            raise SystemExit("npm is needed for the default renderer's files")
        with tempfile.TemporaryDirectory() as scratch:
            other, _ = measure(build(Path(scratch, "default")), names, options.visits)
        print(f"\nAltair's default renderer:\n{table(HEAD, lines(other))}")
    if options.write:
        day, load = dt.date.today(), os.getloadavg()[1]
        RECORD.write_text(
            f"{KEPT}\n\n{shape}\n\n"
            f"Measured on {day.day} {day:%B %Y}, medians of {options.visits} visits, on a machine "
            f"with {os.cpu_count()} processors and a load of {load:.0f} at the end; a busy machine "
            f"makes all times longer. Slow line: {CONDITIONS}.\n\n{text}\n",
            "utf-8",
        )


if __name__ == "__main__":
    main(sys.argv[1:])
