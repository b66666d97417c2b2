"""One PDF of the whole book: all pages as one, printed by Chromium (``make pdf``)."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

# --no-sandbox: the page is our own, and a container has no rights for the sandbox.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
NAME = "the-deepseek-shock.pdf"


def add_parser(commands) -> None:
    """Add the command ``pdf`` to the command line."""
    parser = commands.add_parser("pdf", help="print the whole book as one PDF")
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    parser.set_defaults(run=run)


def browser() -> str | None:
    """The path of Chromium; nothing where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def printed(program: str, page: Path, target: Path) -> str:
    """Print a page of HTML as a PDF; return what the browser complained of if there is none."""
    target.unlink(missing_ok=True)  # or an old one would pass for the new
    command = [program, *FLAGS, "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    command += [f"--print-to-pdf={target}", page.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return "" if target.exists() else done.stderr.strip()[-300:] or "it said nothing"


def run(options: argparse.Namespace) -> int:
    """Build the single page and print it.  0: done; 1: something is missing or failed."""
    program = browser()
    if program is None:
        print("make pdf needs the browser Chromium: install it first.", file=sys.stderr)
        return 1
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(options.folder)]
    done = subprocess.run([*command, "--builder", "singlehtml", "--quiet"])
    if done.returncode:
        return 1
    built = options.folder.resolve() / "_build"
    target = built / NAME
    complaint = printed(program, built / "singlehtml" / "index.html", target)
    if complaint:
        print(f"Chromium printed no PDF: {complaint}", file=sys.stderr)
        return 1
    print(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0
