"""The words of a chapter against its numbers: what a person wrote is checked, never filled in.

Markdown is read as blocks of text with links.  A link to a number must agree with the recorded
value (:func:`shockbook.words.fault`); other links must lead somewhere; a number, weekday, month
or year outside a link is an *orphan*, unless it is a name, an idiom or on a reviewed list.
"""

import ast
import functools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from shockbook import catalog, stored, words
from shockbook.book import declared

INKS = ("deepseek", "nvidia", "rose", "fell", "estimate", "grey")
LINK = re.compile(r"(?<!!)\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*)\)")
OURS = re.compile(
    r"(?:([\w./-]+)\.(?:ipynb|md))?#(num|claim|term|cite|data|fig|tab|ink|guess|part)-([\w.:-]+)"
)
ROLE = re.compile(r"\{([\w:-]+)\}`")
FIGURE = re.compile(r"^\*\*\[(?:Figure|Table)\]\(", re.M)  # its words begin so
SENTENCE = re.compile(r"(?<=[.!?:;])[*_”\")]*\s+(?=[\[(“\"*_A-Z0-9\\])")

# ------------------------------------------------------------------ what may stand without a link
_NUMBER = "|".join(w for w, n in words.COUNTS.items() if n > 1)
_MONTH = "|".join(m for m in words.MONTHS if m != "May")
_THING = (
    r"(?:reason|way|thing|question|step|part|kind|sort|side|sentence|word|paragraph|sense|idea"
    r"|condition|caution|choice|meaning|end|world|half|halves|axes|axis)s?"
)
IDIOM = re.compile(
    rf"\b(?:two|three|four|five|six|seven)(?: [\w-]+)? {_THING}\b"
    r"|\bthe (?:two|three)\b(?! (?:per|of|million|billion|hundred|thousand))"
    r"|\b(?:these|those|other|between|into|in|cut|the other) two\b(?! (?:per|million|billion))"
    r"|\b(?:two|three) (?:at a time|by two|of a kind)\b|\bone or two\b|\btwo or three\b"
    r"|\bone to one\b|\bzero[- ]sum\b|\bday zero\b"
    r"|\b(?:at|to|from|reach\w*|than|include\w*|above|below|of) zero\b"
    r"|\bhalf (?:an?|the) (?:hour|sentence|line|page|day)\b|\bsecond[- ](?:hand|guess\w*|half)\b"
    r"|\b(?:third|second)[- ]part(?:y|ies)\b|\bfive-number\b|\b(?:a|one) hundred and one\b"
    r"|\bquarter(?:ly|s)?\b(?<!a quarter)(?<!three quarters)",
    re.IGNORECASE,
)
ORPHAN = re.compile(
    r"(?P<numeral>[+−-]?[$€£¥]?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|s)?[%\w]*)"
    rf"|\b(?P<weekday>(?:{'|'.join(words.WEEKDAYS)})s?)\b"
    rf"|\b(?P<month>{_MONTH}|(?:in|of|since|until|by|from|early|late|mid|last|this) May)\b"
    rf"|\b(?P<word>(?:{_NUMBER})|(?:a |two |three )?(?:half|dozen|quarters?)|(?:a |two )thirds?"
    r"|hundreds?|thousands?|millions?|billions?|trillions?|twice|thrice|doubled?|tripled?"
    r"|zero|one (?:per cent|percent|in (?:two|three|four|five|ten)))\b"
    rf"|\b(?P<rank>(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"(?:[- ](?:largest|worst|biggest|highest|lowest|best|most|smallest|place))"
    r"|(?:rank\w*|came|comes|place[ds]?|is|was) (?:first|second|third|last))\b",
    re.IGNORECASE,
)  # fmt: skip
IN_TITLE = re.compile(
    r"\b(?:both|none|nobody|nothing|half|(?-i:Most)|most(?= of)|all(?= (?:of|the|its|but)\b)"
    r"|no(?! (?:other|longer|doubt|one|more|less)\b)|every|neither)\b",
    re.IGNORECASE,
)
DATED = re.compile(
    r"\b(?:\d{1,2}(?:[–-]\d{1,2})? )?(?:" + "|".join(words.MONTHS) + r")(?: \d{4})?\b"
    r"|\b(?:1[89]|20)\d\d(?:[–-]\d\d(?:\d\d)?)?s?\b(?![.,]?\d)|\b\d{4}-\d\d(?:-\d\d)?\b"
)


class Link(NamedTuple):
    """One link in a block of text: its words, where they stand, and where it leads."""

    text: str
    start: int
    end: int
    page: str
    kind: str
    name: str


@dataclass(frozen=True)
class Block:
    """A paragraph, heading or item as a reader sees it, with the links in it."""

    text: str
    links: tuple[Link, ...]
    title: bool

    def around(self, link: Link) -> tuple[str, str]:
        """What stands before and after a link in its sentence."""
        ends = [0, *(m.end() for m in SENTENCE.finditer(self.text)), len(self.text)]
        start = max(e for e in ends if e <= link.start)
        end = min(e for e in ends if e >= link.end and e > start or e == len(self.text))
        return self.text[start : link.start], self.text[link.end : end]


#: Directives whose argument is a name or a path, not words.
LABELLED = ("solution", "solution-start", "solution-end", "figure")
NO_PROSE = ("math", "code", "code-block", "code-cell", "raw", "bibliography", "toctree")
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
#: Text that is indented, or defines what links lead to, is read like any other.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["code", "reference"])
MARKDOWN.use(colon_fence_plugin).use(dollarmath_plugin)


def blocks(markdown: str) -> list[Block]:
    """The blocks of some Markdown; code, display maths and options of directives left out."""
    found, inlines = [], []
    for token in MARKDOWN.parse(re.sub(r"<!--.*?-->", "", markdown, flags=re.S)):
        if token.type == "inline":
            inlines.append(token)
        elif token.type in ("paragraph_close", "heading_close", "tr_close"):
            title = token.type == "heading_close" or bool(FIGURE.search(inlines[0].content))
            found.append(_block(inlines, title))
            inlines = []
        elif token.type in ("fence", "colon_fence"):
            directive = DIRECTIVE.match(token.info.strip())
            if directive and directive[1] not in NO_PROSE:
                if directive[1] not in LABELLED:
                    found.append(_block(MARKDOWN.parseInline(directive[2]), False))
                found += blocks(re.sub(r"\A(?::[\w-]+:.*\n)+", "", token.content))
            elif token.type == "colon_fence" and not directive:  # prose that MyST draws as it is
                found += blocks(token.content)
    return [b for b in found if b.text.strip()]


def _block(inlines: list[Token], title: bool) -> Block:
    """A block of inline Markdown as a reader sees it: code and maths as a gap."""
    text, links = "", []
    for inline in inlines:
        text += " | " if text else ""  # between the cells of a row
        for token in inline.children:
            if token.type == "link_open":
                start, leads = len(text), OURS.fullmatch(unquote(token.attrs["href"]))
            elif token.type == "link_close" and leads:
                page = (leads[1] or "").rsplit("/", 1)[-1]
                links.append(Link(text[start:], start, len(text), page, *leads.group(2, 3)))
            elif token.type in ("softbreak", "hardbreak"):
                text += " "
            elif token.type in ("text", "image"):
                text += token.content
            elif not token.nesting:
                text += words.GAP
    return Block(text, tuple(links), title)


# ------------------------------------------------------------------ what links may lead to
class Book:
    """What the pages of a folder hold that a link may lead to, each read once."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._numbers: dict[str, dict[str, dict]] = {}

    def numbers(self, page: str) -> dict[str, dict]:
        """Key to record of each number of a page, from its stored outputs; empty if no page."""
        path = self.folder / f"{page}.ipynb"
        if page not in self._numbers and path.is_file():
            self.add(page, json.loads(path.read_text("utf-8")))
        return self._numbers.get(page, {})

    def add(self, page: str, notebook: dict) -> None:
        """Take the numbers of a page from a notebook that is at hand."""
        self._numbers[page] = {r["key"]: r for _, r in stored.numbers(notebook)}

    @functools.cached_property
    def typed(self) -> tuple[str, ...]:
        """The phrases of ``words.toml``, which may stand without a link in every chapter."""
        return tuple(tomllib.loads(self._shared("words.toml") or "typed = []")["typed"])

    def _shared(self, name: str) -> str:
        """The text of a file of the folder, or of the book's own where the folder has none."""
        places = (self.folder / name, declared.ROOT / "chapters" / name)
        return next((p.read_text("utf-8") for p in places if p.is_file()), "")

    @functools.cached_property
    def claims(self) -> set[str]:
        """The ids of the claims."""
        return set(catalog.load("claims")["id"])

    @functools.cached_property
    def terms(self) -> set[str]:
        """The terms of the glossary as links name them."""
        text = self._shared("glossary.md")
        inside = re.search(r"^`{3,}\{glossary\}(.*?)^`{3,}", text, flags=re.S | re.M)
        lines = re.findall(r"^(?! |:)(\S.*)$", inside[1] if inside else "", flags=re.M)
        return {re.sub(r"\W+", "-", line.lower()).strip("-") for line in lines}

    @functools.cached_property
    def exhibits(self) -> set[str]:
        """The labels of all figures and tables."""
        texts = (p.read_text("utf-8") for p in self.folder.glob("*.ipynb"))
        return {label for t in texts for label in re.findall(r"(?:fig|tab)(?:-[a-z0-9]+)+", t)}


# ------------------------------------------------------------------ faults
def link_fault(link: Link, block: Block, page: str, book: Book) -> str:
    """What is wrong with one link; nothing if it is right."""
    if link.kind == "num":
        numbers = book.numbers(link.page or page)
        record = numbers.get(link.name)
        if record is None:
            return f"no number {link.name!r} is recorded on the page {link.page or page!r}"
        if not link.text:
            return "a link has no words"
        total = numbers.get(record.get("of", ""), {}).get("value")
        before, after = block.around(link)
        form, what = record.get("form", "{}"), record["what"]
        return words.fault(link.text, record["value"], form, total, before, after, what)
    if link.kind == "guess":
        return _guess_fault(link, book.numbers(page))
    if link.kind == "part":  # the site knows its parts
        return ""
    there = {"claim": lambda: book.claims, "term": lambda: book.terms, "ink": lambda: INKS,
             "cite": catalog.sources_by_id, "data": lambda: [*catalog.names(), "none"],
             "fig": lambda: {e[4:] for e in book.exhibits if e.startswith("fig-")},
             "tab": lambda: {e[4:] for e in book.exhibits if e.startswith("tab-")}}  # fmt: skip
    if link.name not in there[link.kind]():
        return f"nothing is called #{link.kind}-{link.name}"
    if link.kind == "claim" and link.text in book.claims - {link.name}:
        return f"{link.text!r} leads to {link.name}"
    if link.text in ("Figure", "Table") and not block.title:
        return f"the reference to #{link.kind}-{link.name} has no number and no words of its own"
    return _cite_fault(link) if link.kind == "cite" else ""


def _guess_fault(link: Link, numbers: dict[str, dict]) -> str:
    """The number that is asked for must lie between the ends that the words give."""
    ends = words.guess_range(link.text)
    if link.name not in numbers:
        return f"no number {link.name!r} is recorded to be guessed"
    if not ends:
        return f"a guess says 'From 0 to 50 days', not {link.text!r}"
    value = numbers[link.name]["value"]
    inside = ends[0] <= value <= ends[1]
    return "" if inside else f"{link.name} is {value:g}, not {link.text.lower()}"


def _cite_fault(link: Link) -> str:
    """Names and years in the words of a citation must be those of its source."""
    row = catalog.sources_by_id()[link.name]
    about = " ".join(str(row.get(c, "")) for c in ("author", "publisher", "title", "date", "id"))
    known = {w.lower() for w in re.findall(r"\w{2,}", f"{about} {link.name}")}
    names = [w for w in re.findall(r"\b[A-Z][\w'’.-]+", link.text) if w not in ("The", "A", "In")]
    mine = [n for n in names if re.sub(r"['’]s$|\W", "", n).lower() in known]
    if names and not mine:
        return f"{link.text!r} is not named by the source {link.name} ({row.get('publisher', '')})"
    wrong = [y for y in re.findall(r"\b(?:19|20)\d\d\b", link.text) if y not in about]
    return f"{link.name} is not of {wrong[0]}" if wrong else ""


def orphans(block: Block, typed: tuple[str, ...]) -> list[str]:
    """Numbers, weekdays, months and years of a block that stand in no link and on no list."""
    text = block.text
    for link in reversed(block.links):
        text = text[: link.start] + words.GAP * len(link.text) + text[link.end :]
    if re.match(r"Time:", text):
        return []
    text = words.NAMES.sub(words.GAP, text)
    for phrase in sorted(typed, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.,]){re.escape(phrase)}(?![\w%]|[.,]\d)", words.GAP, text)
    text = IDIOM.sub(words.GAP, text)
    found = [m[0] for m in ORPHAN.finditer(text)]
    return found + ([m[0] for m in IN_TITLE.finditer(text)] if block.title else [])


def prose_faults(markdown: str, page: str, book: Book, typed: tuple[str, ...]) -> Iterator[str]:
    """Faults of some Markdown: links that disagree, orphans, roles."""
    for role in ROLE.findall(markdown):
        yield f"a role, {{{role}}}: write a link"
    for block in blocks(markdown):
        yield from filter(None, (link_fault(link, block, page, book) for link in block.links))
        for orphan in orphans(block, typed):
            yield f"{orphan!r} stands without a link in: {block.text[:90]}"


def record_faults(notebook: dict, about: declared.Declared) -> Iterator[str]:
    """Recorded numbers against their declarations; declarations that no cell records.

    A page whose words are filled in by each run may leave any out.
    """
    seen = {}
    for cell, record in stored.numbers(notebook):
        key = record["key"]
        where, number = f"{cell}: the number {key!r}", about.numbers.get(key)
        if seen.setdefault(key, cell) != cell:
            yield f"{where} is recorded by {seen[key]} too"
        if number is None or (number.form, number.what) != (record.get("form"), record["what"]):
            yield f"{where} is not as declared: run the notebook again"
        elif record["text"] != words.write(record["value"], number.form):
            yield f"{where} says {record['text']!r}, not its value"
        for name in sorted(set(record["data"]) - set(catalog.names())):
            yield f"{where} names no dataset: {name!r}"
        sources = {s.strip() for s in record.get("source", "").split(";")} - {""}
        for source in sorted(sources - catalog.sources_by_id().keys()):
            yield f"{where} names no source: {source!r}"
    for key, number in about.numbers.items():
        if key not in seen and not about.filled:
            yield f"[numbers.{key}] is declared, and no cell records it"
        bare = number.what + " " + re.sub(r"\{[^}]*\}", "", number.form)
        bare = DATED.sub("", words.NAMES.sub("", bare))
        if re.search(r"\d", bare):
            yield f"[numbers.{key}] has a number typed into its words: {bare.strip()}"


def code_faults(notebook: dict) -> Iterator[str]:
    """Numbers that are typed into ``record`` instead of computed."""
    for cell, source in stored.cells(notebook, "code"):
        for call in ast.walk(ast.parse(source)) if ".record(" in source else ():
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "record":
                for given in call.keywords:
                    parts = ast.walk(given.value)
                    if not any(isinstance(p, ast.Name | ast.Call | ast.Attribute) for p in parts):
                        yield f"{cell}: {given.arg} is typed in, not computed"


def faults(page: str, notebook: dict, about: declared.Declared, book: Book) -> list[str]:
    """Everything that is wrong with the words and numbers of a chapter.

    ``notebook`` holds its outputs, ``about`` what its ``.toml`` declares, ``book`` all that links
    may lead to.
    """
    book.add(page, notebook)
    gone, texts = stored.left_out(notebook), []
    for cell, source in stored.cells(notebook, "markdown"):
        figure = re.match(r"\*\*\[Figure\]\(#([\w-]+)\)", source)
        if not (figure and figure[1] in gone):
            texts.append((cell, source))
    told = stored.outputs(notebook, stored.PROSE)
    texts += [(cell, one["text"]) for cell, one in told if not one["given"]]
    texts += [(f"reason of {claim}", reason) for claim, reason in about.verdicts.items()]
    typed = (*book.typed, *about.typed)
    found = [f"{where}: {fault}" for where, text in texts
             for fault in prose_faults(text, page, book, typed)]  # fmt: skip
    return [*record_faults(notebook, about), *code_faults(notebook), *found]


# ------------------------------------------------------------------ rewriting
def fill(notebook: dict) -> None:
    """Write the texts of a page's own numbers into the links of its Markdown, in place."""
    texts = {record["key"]: record["text"] for _, record in stored.numbers(notebook)}

    def put(link: re.Match) -> str:
        told = texts.get(link[2].removeprefix("#num-")) if link[2].startswith("#num-") else None
        told = told and re.sub(r"([\\$*`<>\[\]])", r"\\\1", told)
        return f"[{told}]({link[2]})" if told else link[0]

    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = LINK.sub(put, cell["source"])


class Rewritten(NamedTuple):
    """Markdown with new numerals, and the sentences that a person must read."""

    text: str
    read: list[str]


COMPARES = re.compile(
    r"\b(?:more|less|fewer|than|most|least|largest|smallest|first|last|only|no|none|never|all|both"
    r"|half|rose|fell|above|below|nearly|almost|twice|\w+est)\b", re.IGNORECASE)  # fmt: skip


def rewrite(markdown: str, page: str, book: Book) -> Rewritten:
    """Put the recorded values into the numerals of the links that no longer agree.

    Words that a machine should not choose stay: their sentences are listed, and so are titles and
    comparisons in which a numeral changed.
    """
    renewed, read = {}, {}
    for block, link, record, fault in _told(markdown, page, book):
        if fault and record:
            new = words.rewrite(link.text, record["value"], record.get("form", "{}"))
            if new and not link_fault(link._replace(text=new), block, page, book):
                renewed[link.text, link.name, link.page] = new

    def put(match: re.Match) -> str:
        link = next(iter(_block(MARKDOWN.parseInline(match[0]), False).links), None)
        new = link and renewed.get((link.text, link.name, link.page))
        escape = (re.search(r"\\+(?=\$)", match[1]) or [""])[0] or "\\"
        return f"[{new.replace('$', escape + '$')}]({match[2]})" if new else match[0]

    text, fresh = LINK.sub(put, markdown), {(new, *of[1:]) for of, new in renewed.items()}
    for block, link, record, fault in _told(text, page, book):
        lead, tail = block.around(link)
        sentence = f"{lead}{link.text}{tail}".strip()
        now = f"  ({link.name} is now {record and record['text']})" if fault else ""
        changed = (link.text, link.name, link.page) in fresh
        if fault or (changed and (block.title or COMPARES.search(sentence))):
            read[sentence] = read.get(sentence, "") + now
    return Rewritten(text, [s + now for s, now in read.items()])


def _told(markdown: str, page: str, book: Book) -> Iterator[tuple[Block, Link, dict | None, str]]:
    """Each link to a number, with its block, the number's record and what is wrong with it."""
    for block in blocks(markdown):
        for link in block.links:
            if link.kind == "num":
                record = book.numbers(link.page or page).get(link.name)
                yield block, link, record, link_fault(link, block, page, book)
