"""A loopback server that answers as Yahoo, SEC EDGAR, FRED, Epoch AI and llm-prices do.

The real client libraries talk to it: their session sends every host's requests here and names the
host in a header.  What it knows (``truth``) is a set of tables in the snapshot's schema; a test
breaks an answer on its way out with a fault.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pandas as pd

from shockbook.live import edgar, files, yahoo

#: Hour and minute of the day at which each zone's daily bar is stamped.
OPENS = {"UTC": (0, 0)}


@dataclass
class Reply:
    """An answer: status, media type, text, headers, and ways to break off."""

    code: int = 200
    kind: str = "application/json"
    text: str = "{}"
    headers: dict = field(default_factory=dict)
    drop: bool = False  # send half of what Content-Length promises
    hang: float = 0.0  # seconds before the answer
    stream: Iterable[bytes] | None = None  # the body as it comes, without a stated length


@dataclass
class Request:
    """What was asked: the host it was meant for, the path, the query, and how often before."""

    host: str
    path: str
    query: dict
    headers: dict
    count: int


class Server:
    """``with Server(truth, fault) as server``: ``SHOCKBOOK_LOOPBACK`` is ``server.base``.

    Parameters
    ----------
    truth : dict of DataFrame
        What the sources know, by dataset.
    fault : callable, optional
        ``fault(request, reply) -> Reply``: how an answer is broken.
    """

    def __init__(self, truth: dict, fault=lambda request, reply: reply):
        self.truth, self.fault = truth, fault
        self.seen: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                host, path = self.headers.get("X-Was", ""), unquote(parts.path)
                count = sum(r.path == path for r in server.seen)
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                request = Request(host, path, query, dict(self.headers), count)
                server.seen.append(request)
                reply = server.fault(request, server.answer(request))
                if reply.hang:
                    time.sleep(reply.hang)
                if reply.stream is not None:
                    return self.pour(reply)
                body = reply.text.encode()
                self.send_response(reply.code)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if reply.drop:
                    self.wfile.write(body[: len(body) // 2])
                    self.wfile.flush()
                    self.connection.close()
                    self.close_connection = True
                else:
                    self.wfile.write(body)

            do_POST = do_GET

            def pour(self, reply):
                self.close_connection = True
                self.send_response(reply.code)
                for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                for part in reply.stream:
                    self.wfile.write(part)

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, ValueError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: Request) -> Reply:
        """The answer of a source in good order."""
        host, path = request.host, request.path
        if host.endswith("yahoo.com"):
            if path.startswith("/v8/finance/chart/"):
                return self._chart(path.rsplit("/", 1)[1], request.query)
            crumb = path == "/v1/test/getcrumb"
            return Reply(
                kind="text/plain", text="crumb" if crumb else "", code=200 if crumb else 404
            )
        if host == "data.sec.gov":
            return self._facts(path)
        table = {
            urlsplit(files.FRED).hostname: self._fred,
            urlsplit(files.EPOCH).hostname: self._epoch,
            urlsplit(files.LLM_PRICES).hostname: self._llm,
        }.get(host)
        return table() if table else Reply(404, "text/plain", "no such host")

    # --- Yahoo

    def _chart(self, ticker: str, query: dict) -> Reply:
        rows = self.truth["prices"]
        rows = rows[rows["ticker"] == ticker].dropna(subset=["close"])
        if rows.empty:
            return unknown()
        suffix = next((s for s in yahoo.EXCHANGES if s and ticker.endswith(s)), "")
        currency, zones = yahoo.EXCHANGES[suffix]
        zone = sorted(zones)[-1]  # New York, not Chicago
        hour, minute = OPENS.get(zone, (9, 30))
        stamps = [
            int(day.replace(hour=hour, minute=minute, tzinfo=ZoneInfo(zone)).timestamp())
            for day in rows["date"].dt.to_pydatetime()
        ]
        first, last = int(query.get("period1", 0)), int(query.get("period2", 2**40))
        if "range" in query:
            first = stamps[-1]
        keep = [first <= stamp < last for stamp in stamps]
        rows, stamps = rows[keep], [s for s, k in zip(stamps, keep, strict=True) if k]
        kind = "INDEX" if ticker[0] == "^" else "EQUITY"
        kind = "CRYPTOCURRENCY" if suffix == "-USD" else kind
        close = rows["close"].tolist()
        period = {"timezone": "EST", "start": 0, "end": 0, "gmtoffset": 0}
        meta = {
            "symbol": ticker,
            "currency": currency,
            "instrumentType": kind,
            "exchangeName": "NMS",
            "exchangeTimezoneName": zone,
            "timezone": "EST",
            "gmtoffset": 0,
            "firstTradeDate": 0,
            "regularMarketTime": stamps[-1] if stamps else 0,
            "regularMarketPrice": close[-1] if close else None,
            "dataGranularity": "1d",
            "range": "",
            "priceHint": 2,
            "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), period),
            "validRanges": ["1d", "5d", "1mo", "1y", "max"],
        }
        volume = [0 if pd.isna(v) else int(v) for v in rows["volume"]]
        quote = {name: close for name in ("open", "high", "low", "close")} | {"volume": volume}
        adjusted = rows["adj_close"].fillna(rows["close"]).tolist()
        chart = {
            "meta": meta,
            "timestamp": stamps,
            "indicators": {"quote": [quote], "adjclose": [{"adjclose": adjusted}]},
        }
        return Reply(text=json.dumps({"chart": {"result": [chart], "error": None}}))

    # --- SEC EDGAR

    def _facts(self, path: str) -> Reply:
        cik = int(path.rsplit("CIK", 1)[1].split(".")[0])
        filer = next((f for f in edgar.FILERS if f.cik == cik), None)
        table = self.truth["capex-quarterly"]
        rows = table[table["ticker"] == filer.ticker].dropna(subset=["capex_usd_millions"])
        if rows.empty:
            return Reply(404, "application/xml", "<Error>NoSuchKey</Error>")
        facts, since = [], {}
        rows = rows.assign(
            year=rows["fiscal_period"].str[2:6], quarter=rows["fiscal_period"].str[-1]
        )
        for (year, _), row in (
            rows.sort_values("fiscal_quarter_end").set_index(["year", "quarter"]).iterrows()
        ):
            end = row["fiscal_quarter_end"]
            begin = end - pd.Timedelta(days=90)
            start, before = since.get(year, (begin, 0))
            whole = before + round(row["capex_usd_millions"] * 1e6)
            since[year] = (start, whole)
            fact = {
                "start": start.date().isoformat(),
                "end": end.date().isoformat(),
                "val": whole,
                "accn": f"{cik:010d}-{end:%y}-{end:%m%d}00",
                "fy": int(year),
                "fp": "Q1",
                "form": "10-Q",
                "filed": (end + pd.Timedelta(days=30)).date().isoformat(),
            }
            again = {**fact, "filed": (end + pd.Timedelta(days=395)).date().isoformat()}
            facts += [fact, again]
        known = {filer.tags[0]: {"label": "", "units": {"USD": facts}}}
        answer = {"cik": cik, "entityName": filer.company, "facts": {"us-gaap": known}}
        return Reply(text=json.dumps(answer))

    # --- open files

    def _fred(self) -> Reply:
        rates = self.truth["usdcny"]
        lines = [
            f"{d:%Y-%m-%d},{v}" for d, v in zip(rates["date"], rates["cny_per_usd"], strict=True)
        ]
        lines.insert(1, f"{rates['date'].iloc[0] - pd.Timedelta(days=1):%Y-%m-%d},")  # a holiday
        lines = ["observation_date,DEXCHUS", *lines, ""]
        return Reply(kind="application/csv", text="\n".join(lines))

    def _epoch(self) -> Reply:
        models = self.truth["epoch-models"]
        names = {ours: theirs for theirs, ours in files.EPOCH_COLUMNS.items()}
        table = models[list(names)].rename(columns=names)
        return Reply(kind="text/csv", text=table.to_csv(index=False, date_format="%Y-%m-%d"))

    def _llm(self) -> Reply:
        theirs = {ours: name for name, ours in files.PROVIDERS.items()}
        table = self.truth["api-prices"]
        table = table[table["provider"].isin(theirs) & table["model_family"].notna()]
        table = table.sort_values("date").drop_duplicates("model_family", keep="last")
        rows = [
            {
                "id": row.model_family,
                "vendor": theirs[row.provider],
                "name": row.model,
                "input": row.input_usd_per_m,
                "output": row.output_usd_per_m,
                "input_cached": None
                if pd.isna(row.cached_input_usd_per_m)
                else row.cached_input_usd_per_m,
            }
            for row in table.itertuples()
        ]
        return Reply(text=json.dumps({"updated_at": "2026-11-20", "prices": rows}))


def unknown() -> Reply:
    """Yahoo's answer about a ticker that it does not know."""
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return Reply(404, text=json.dumps({"chart": {"result": None, "error": error}}))


def edited(reply: Reply, change) -> Reply:
    """The reply with its JSON changed in place by ``change``."""
    body = json.loads(reply.text)
    change(body)
    return replace(reply, text=json.dumps(body))
