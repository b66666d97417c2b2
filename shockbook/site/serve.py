"""Serve the built site on this machine as a static host would: types, compression, its 404 page."""

import argparse
import functools
import gzip
import http.server
import sys
from pathlib import Path

# Said here, because what a system's own table calls a script differs from machine to machine.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".xml": "application/xml",
    ".png": "image/png",
}
PACKED = ("text/", "image/svg", "application/")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers with a file of one folder, packed if the browser takes that."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir() and not self.path.split("?")[0].endswith("/"):
            return super().do_GET()  # which sends to the address with the slash
        if path.is_dir():
            path /= "index.html"
        status = 200
        if not path.is_file():
            status, path = 404, Path(self.directory, "404.html")
        if not path.is_file():
            return self.send_error(404)
        kind = TYPES.get(path.suffix) or self.guess_type(str(path))
        body = path.read_bytes()
        plain = kind.startswith(PACKED) and path.suffix != ".gz"  # which is packed already
        packed = plain and "gzip" in self.headers.get("Accept-Encoding", "")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-cache")
        if packed:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.count(len(body))
        self.wfile.write(body)

    def count(self, size: int) -> None:
        """Note what was sent; for a subclass that measures."""

    def log_message(self, *arguments):
        pass


def server(folder: Path, port: int = 0, handler=Handler) -> http.server.ThreadingHTTPServer:
    """Return a server of a folder on this machine; ``port`` 0 takes any that is free."""
    bound = functools.partial(handler, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), bound)


def add_parser(commands) -> None:
    """Add the command ``serve`` to the command line."""
    parser = commands.add_parser("serve", help="serve the built site on this machine")
    parser.add_argument("folder", nargs="?", default="_build/html", type=Path)
    parser.add_argument("--port", default=8000, type=int)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until the reader stops it.  1: nothing is built, or the port is taken."""
    if not (options.folder / "index.html").exists():
        print(f"{options.folder} holds no built site: run make book first.", file=sys.stderr)
        return 1
    try:
        found = server(options.folder, options.port)
    except OSError as problem:
        reason = problem.strerror
        print(f"Port {options.port} cannot be used ({reason}); try --port 8001.", file=sys.stderr)
        return 1
    print(f"The book is at http://127.0.0.1:{found.server_port}/ (stop with Ctrl+C)", flush=True)
    try:
        found.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0
