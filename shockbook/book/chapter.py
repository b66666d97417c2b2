"""A chapter that runs: it loads data, records numbers, judges claims."""

import json
import re
from bisect import bisect
from pathlib import Path

from IPython.display import display

from shockbook import catalog, charts, claims, live, stored, words
from shockbook.book import declared, ledger
from shockbook.book.declared import BookError

LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\((?:[\w./-]+)?#([a-z]+)-([\w-]+)\)")
SOURCES = ("source_id", "source_ids", "source")


def without_links(text: str) -> str:
    """Markdown as plain text: links as their words, escapes gone."""
    return re.sub(r"\\([^\w\s])", r"\1", LINK.sub(lambda m: m[1], text))


class Chapter:
    """One chapter: its data, its numbers and its verdicts.  :func:`open` makes one."""

    def __init__(self, name: str):
        self.name, self.path = name, declared.path(name)
        self.declared = declared.read(self.path)
        #: Key to (record, value as given) of every number recorded in this session.
        self.numbers: dict[str, tuple[dict, object]] = {}
        #: What a word among the datasets of the ``.toml`` stands for, if it is known only here.
        self.datasets: dict[str, list[str]] = {}

    def load(self, dataset: str):
        """A dataset as a DataFrame: from the snapshot, or live with ``SHOCKBOOK_LIVE=1``."""
        return catalog.load(dataset)

    def choose(self, name: str, value, told, offered) -> None:
        """Refuse a parameter that is not offered; say so if the text tells another choice.

        If a dict calls ``told`` NVIDIA, ``{NVIDIA}`` in a ``what`` becomes the name of the choice.
        """
        called = offered if isinstance(offered, dict) else {v: words.day(str(v)) for v in offered}
        if value not in list(called):
            can = [str(one) for one in called]
            at = bisect(can, str(value))
            near = can if len(can) < 9 else can[max(at - 1, 0) : at + 1]
            some = f"one of {len(can)}, such as " * (near != can) + ", ".join(near)
            raise BookError(f"{name} is {value!r}: what can be set is {some}")
        self.declared = declared.read(self.path, {called[told]: called[value]})
        if value != told:
            written = f"Text and titles were written for {called[told]}."
            self.tell(f"**{name} is {value} in this run.** {written}", given=True)

    def record(self, **values) -> None:
        """Record numbers: the prose links to them, and the link leads to their evidence.

        Each is a number, date, text or truth value, in the unit that its form names; ``loss_rmb``
        is the number ``loss-rmb`` of the chapter's ``.toml``.
        """
        self._show({name.replace("_", "-"): (value, {}) for name, value in values.items()})

    def rows(self) -> None:
        """Record the numbers that are read from one row of a table each."""
        self._show({k: self._cell(k, n.row) for k, n in self.declared.numbers.items() if n.row})

    def _cell(self, key: str, row: tuple[str, str, str]) -> tuple[object, dict]:
        """The value that a declaration's row names, and where it stands."""
        dataset, name, column = row
        table, where = catalog.load(dataset), f"{self.path.name}, [numbers.{key}]"
        by = dict(pair.partition("=")[::2] for pair in name.split(",")) if "=" in name else None
        by = by or {"id" if "id" in table else table.columns[0]: name}
        found = table
        for field, wanted in by.items():
            if field not in table:
                raise BookError(f"{where}: {dataset} has no {field!r}")
            said = found[field].map(lambda v: str(words.plain(v)), na_action="ignore")
            found = found[said == wanted]
        if column not in table:
            raise BookError(f"{where}: {dataset} has no column {column!r}")
        if len(found) != 1:
            raise BookError(f"{where}: {len(found)} rows of {dataset} are {name!r}, not one")
        cell = found.iloc[0]
        source = next((str(cell[c]) for c in SOURCES if c in found), "")
        return cell[column], {"row": by, "column": column, "source": source}

    def _show(self, values: dict[str, tuple[object, dict]]) -> None:
        """Record and show several numbers as one output."""
        records = []
        for key, (value, place) in values.items():
            number = self.declared.numbers.get(key)
            if number is None:
                raise BookError(f"{self.path.name} declares no number {key!r}: add [numbers.{key}] "
                                "with what, form and data")  # fmt: skip
            try:
                plain = words.plain(value)
                text = words.write(plain, number.form)
            except (TypeError, ValueError) as problem:
                raise BookError(f"the number {key!r} of {self.path.name}: {problem}") from None
            data = [name for word in number.data for name in self.datasets.get(word, [word])]
            record = {"key": key, "text": text, "value": plain, "what": number.what,
                      "form": number.form, "data": list(dict.fromkeys(data)), **place}  # fmt: skip
            if number.of:
                record["of"] = number.of
            self.numbers[key] = record, value
            records.append(record)
        if records:
            wide = [max(len(r[part]) for r in records) for part in ("key", "text")]
            lines = [f"{r['key']:{wide[0]}}  {r['text']:>{wide[1]}}  {r['what']}" for r in records]
            bundle = {stored.NUMBERS: {"numbers": records}, "text/plain": "\n".join(lines)}
            display(bundle, raw=True)

    def judge(
        self,
        claim: str,
        alternatives: dict | None = None,
        readings: dict | None = None,
        **computed,
    ) -> claims.Verdict:
        """Judge one claim; the reason stands in the chapter's ``.toml``, under ``[verdicts]``.

        Parameters as in :func:`shockbook.claims.judge`; a value that was recorded shows as its
        text.
        """
        if claim not in self.declared.verdicts:
            raise BookError(f"{self.path.name} gives no reason for {claim}: add it to [verdicts]")
        why = without_links(self.declared.verdicts[claim])
        parts = catalog.load("claim-parts")
        units = parts[parts["claim"] == claim].set_index("key")["unit"]
        said = {k: self._said(k, v, str(units.get(k))) for k, v in computed.items()}
        return claims.judge(claim, why, alternatives, readings, **said)

    def _said(self, key: str, value, unit: str):
        """A value with its text, if it was recorded; of a list each."""
        if isinstance(value, list | tuple):
            return [self._said(key, v, unit) for v in value]
        if isinstance(value, bool | str):
            return value
        # a share of 1 is 100%, and not the 1% that another number of equal value may be
        same = [k for k, (r, v) in self.numbers.items() if (v is value or _equal(v, value))
                and (not unit.startswith("share") or r["form"].endswith("%}"))]  # fmt: skip
        best = next((k for k in same if k.startswith(key)), same[0] if same else None)
        if best is not None:
            return words.Said(self.numbers[best][0]["text"], value)
        return value

    def tell(self, *paragraphs: str, given: bool = False) -> None:
        """Show paragraphs of Markdown that a cell writes, for findings not known beforehand.

        A link without words, ``[](#num-loss)``, gets the text of the number, which a cell before
        must have recorded.  A text that is ``given`` is the reader's own and may hold numbers
        without a link.
        """
        if text := LINK.sub(self._filled, "\n\n".join(p for p in paragraphs if p)):
            record = {"text": text, "given": given}
            display({stored.PROSE: record, "text/markdown": text}, raw=True)

    def _filled(self, link: re.Match) -> str:
        if link[1] or link[2] != "num":
            return link[0]
        if link[3] not in self.numbers:
            raise BookError(f"no number {link[3]!r} was recorded before this cell")
        text = self.numbers[link[3]][0]["text"].replace("$", "\\$")
        return f"[{text}](#num-{link[3]})"


def _equal(one, other) -> bool:
    """Whether two values are the same number (not 1 and True)."""
    try:
        return type(one) is type(other) and bool(one == other)
    except (TypeError, ValueError):
        return False


def open(name: str, banner: bool = True) -> Chapter:
    """Open a chapter in a notebook: the theme of its charts, its data, its numbers from rows.

    ``name`` is that of its file, for instance "nvidia", from any folder.  The ``banner`` says at
    once how old the data are.
    """
    charts.enable()
    beside = declared.path(name).parent
    own = (beside / ledger.ABOUT).is_file()
    if own:  # a ledger's chapter reads the tables beside it
        ledger.use(beside)
    chapter = Chapter(name)
    if banner and not own:
        display(live.banner(name))
    chapter.rows()
    return chapter


def recorded(page: str, key: str, folder: Path = declared.ROOT / "chapters"):
    """The value of a number that another page recorded, from that page's stored outputs.

    Raises ``LookupError`` if the page or the number is not there.
    """
    path = folder / f"{page}.ipynb"
    if path.exists():
        for _, said in stored.numbers(json.loads(path.read_text("utf-8"))):
            if said["key"] == key:
                return said["value"]
    raise LookupError(f"no number {key!r} is recorded on the page {page!r}: run that page first")
