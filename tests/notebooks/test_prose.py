"""The words of chapters agree with their numbers, and seeded faults are found."""

import copy
import functools
import re
import tomllib
from dataclasses import replace

import nbformat
import pages
import pytest

from shockbook import catalog, notebooks, stored, words
from shockbook.book import declared, prose

SAMPLE = pages.SAMPLE
FORMED = [SAMPLE, *pages.CHAPTERS]
BOOK = prose.Book(pages.ROOT / "chapters")
EVENT_NAME = re.compile(r"\[[^\]]+\]\(#num-event-name\)")


@pytest.mark.parametrize("path", FORMED, ids=lambda p: p.stem)
def test_words_agree_with_numbers(path):
    assert notebooks.disagreements(path) == []


@pytest.mark.parametrize("path", pages.PROSE, ids=lambda p: p.stem)
def test_links_of_the_other_pages_agree(path):
    found = [
        fault
        for block in prose.blocks(path.read_text("utf-8"))
        for link in block.links
        if (fault := prose.link_fault(link, block, path.stem, BOOK))
    ]
    assert not found


@pytest.mark.parametrize("path", pages.PROSE, ids=lambda p: p.stem)
def test_the_other_pages_type_no_number_but_dates_and_chapters(path):
    assert typed(path.read_text("utf-8")) == []
    assert typed("Of them 17% fell on 27 January 2025, in chapter 3.") == ["17%"]


def typed(markdown):
    """The numerals that stand in no link."""
    allowed = re.compile(rf"{prose.DATED.pattern}|\bchapters? \d(?:(?:, | and | to )\d)*")
    return [
        orphan
        for block in prose.blocks(markdown)
        for orphan in prose.orphans(replace(block, text=_gaps(allowed, block.text)), BOOK.typed)
        if re.search(r"\d", orphan)
    ]


def _gaps(pattern, text):
    """A text with what matches taken out, its places kept."""
    return pattern.sub(lambda m: words.GAP * len(m[0]), text)


def test_the_list_of_typed_phrases_is_short_and_holds_no_bare_number():
    typed = tomllib.loads((pages.ROOT / "chapters/words.toml").read_text("utf-8"))["typed"]
    assert len(typed) == len(set(typed)) <= 25
    assert not [phrase for phrase in typed if len(phrase.split()) < 2]


# ------------------------------------------------------------------ seeded faults must be found
class Nowhere(Exception):
    """A page does not hold what a fault is seeded in."""


def in_markdown(pattern, change, title=False):
    """A mutation: the first match in a Markdown cell changed by ``change(match)``."""

    def mutate(notebook, about):
        for cell in notebook.cells:
            if cell.cell_type != "markdown":
                continue
            for match in re.finditer(pattern, cell.source, re.M):
                new = change(match) if callable(change) else match.expand(change)
                if new == match[0] or (title and not _is_title(cell.source, match)):
                    continue
                cell.source = cell.source[: match.start()] + new + cell.source[match.end() :]
                return about
        raise Nowhere

    return mutate


def _is_title(source, match):
    line = source[source.rfind("\n", 0, match.start()) + 1 :]
    return line.startswith(("#", "**[Figure]", "**[Table]"))


def digit(match):
    return match[1] + str((int(match[2]) + 5) % 10) + match[3]


def exchanged(notebook, about):
    """Two keys of numbers of one cell exchanged."""
    for cell in notebook.cells:
        links = list(re.finditer(r"\[([^\]]*)\]\(#num-([\w-]+)\)", cell.source))
        for one in links:
            for other in links:
                if one[2] != other[2] and re.search(r"\d", one[1]) and one[1] != other[1]:
                    a, b = f"[{one[1]}](#num-{other[2]})", f"[{other[1]}](#num-{one[2]})"
                    cell.source = cell.source.replace(one[0], "\0").replace(other[0], b)
                    cell.source = cell.source.replace("\0", a)
                    return about
    raise Nowhere


def swapped_source(notebook, about):
    """A citation that names its source led to another one."""
    for cell in notebook.cells:
        for cited in re.finditer(r"\[([^\]]*[A-Z]\w{2,}[^\]]*)\]\(#cite-([\w.:-]+)\)", cell.source):
            names = re.findall(r"[A-Z]\w{2,}", cited[1])
            for source, row in catalog.sources_by_id().items():
                about_it = " ".join(map(str, row.values())) + source
                if not any(n.lower() in about_it.lower() for n in names):
                    cell.source = cell.source.replace(f"#cite-{cited[2]})", f"#cite-{source})")
                    return about
    raise Nowhere


def wrong_reason(notebook, about):
    for claim, reason in about.verdicts.items():
        if found := re.search(r"\[([^\]]*\d)\](\(#num-)", reason):
            wrong = reason.replace(found[0], f"[{found[1]}7]{found[2]}")
            return replace(about, verdicts={**about.verdicts, claim: wrong})
    raise Nowhere


def wrong_record(notebook, about):
    for _, record in stored.numbers(notebook):
        if isinstance(record["value"], float):
            record["value"] *= 1.5
            return about
    raise Nowhere


def added(text):
    def mutate(notebook, about):
        notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="added"))
        return about

    return mutate


def other_weekday(match):
    return "Tuesday" if match[0] != "Tuesday" else "Wednesday"


TURNED = {"lost": "gained", "fell": "rose", "rose": "fell", "gained": "lost", "below": "above"}
IN_LINK = r"(?=[^\[\]]*\]\([^()]*#num-)"
MUTATIONS = {
    "a wrong weekday": in_markdown(r"\b(?:Mon|Tues|Wednes|Thurs|Fri)day\b", other_weekday),
    "a wrong year": in_markdown(rf"\b20(\d\d)\b{IN_LINK}", "2019"),
    "a wrong month": in_markdown(rf"\bJanuary\b{IN_LINK}", "March"),
    "no in a title": in_markdown(r"^(#+ )(\w+)", r"\1No firm: \2"),
    "another number word": in_markdown(rf"\[(?:two|three|four|five|six){IN_LINK}", "[seventy"),
    "both to none": in_markdown(rf"\[(?:both|all|most|half){IN_LINK}", "[none"),
    "first to second": in_markdown(rf"\[first{IN_LINK}", "[second"),
    "another digit": in_markdown(rf"(\[[^\[\]]*)(\d)([^\d\[\]]*){IN_LINK}", digit),
    "another digit in a title": in_markdown(rf"(\[[^\[\]]*)(\d)([^\d\[\]]*){IN_LINK}", digit, True),
    "another digit in an alt text": in_markdown(
        rf"(\*In words:\*[^\n]*?\[[^\[\]]*)(\d)([^\d\[\]]*){IN_LINK}", digit),
    "two keys exchanged": exchanged,
    "a heading turned round": in_markdown(
        rf"(?<!ink-)\b(?:{'|'.join(TURNED)})\b(?=[^\n\[]*\[?[^\n\[]*#num-)",
        lambda m: TURNED[m[0]], True),
    "a swapped citation": swapped_source,
    "another claim": in_markdown(r"\[(C\d\d)\]\(#claim-C\d\d\)", r"[\1](#claim-C33)"),
    "a key that is not there": in_markdown(r"#num-[\w-]+", "#num-no-such-number"),
    "a page that is not there": in_markdown(r"\(#num-", "(nowhere.ipynb#num-"),
    "a term that is not there": in_markdown(r"#term-[\w-]+", "#term-no-such-term"),
    "a wrong reason": wrong_reason,
    "a wrong record": wrong_record,
    "a number typed": added("NVIDIA lost 593 billion dollars."),
    "a count typed": added("Only seven companies rose."),
    "a share typed": added("Nearly half of them fell."),
    "a weekday typed": added("It happened on a Thursday."),
    "a year typed": added("That was in 2024."),
    "a month typed": added("It was over by March."),
    "a typed number in a box": added("> **Aside.** A loss of 17%."),
    "a typed number in a list": added("- a loss of 17%\n- another"),
    "a figure without a number": added("[Figure](#fig-nvidia-days) shows it."),
    "a guess out of reach": in_markdown(r"From \S+ to \d+(?=.+#guess-)", "From 900 to 999"),
    "a guess of nothing": in_markdown(r"#guess-[\w-]+", "#guess-no-such-number"),
    "a role": added("Lost {num}`loss`."),
}  # fmt: skip


def test_words_between_two_solutions_are_read():
    """The fence that closes one directive is no fence of code up to the next."""
    ended, begun = "````{solution-end}\n````", "````{solution-start} a\n:class: dropdown\n````"
    cell = f"{ended}\n\nA loss of 17%.\n\n{begun}\n```python\n17\n```\n"
    assert [block.text for block in prose.blocks(cell)] == ["A loss of 17%."]
    boxed = ":::{note}\n```{exercise} Title\n17 words\n```\n:::"
    assert [block.text for block in prose.blocks(boxed)] == ["Title", "17 words"]


@functools.cache
def sound(path):
    """A page, what it declares, the book around it, and the faults that it has."""
    notebook = nbformat.read(path, as_version=4)
    about = declared.read(path.with_suffix(".toml"))
    book = prose.Book(path.parent)
    return notebook, about, book, prose.faults(path.stem, notebook, about, book)


def seeded(path, mutation):
    """The faults that a mutation of a page adds to those that it has."""
    notebook, about, book, before = sound(path)
    mutant = copy.deepcopy(notebook)
    about = MUTATIONS[mutation](mutant, copy.deepcopy(about))
    try:
        after = prose.faults(path.stem, mutant, about, book)
    finally:
        book.add(path.stem, notebook)  # the mutant's numbers stood in its place
    return [fault for fault in after if fault not in before]


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_seeded_faults_are_found_in_the_sample(mutation):
    assert seeded(SAMPLE, mutation)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_seeded_faults_are_found_in_chapters(mutation):
    """Each fault is found in every chapter that it can be seeded in, and in one it can."""
    missed, tried = [], 0
    for path in FORMED[1:]:
        try:
            missed += [] if seeded(path, mutation) else [path.stem]
            tried += 1
        except Nowhere:
            continue
    assert not missed
    assert tried


# ------------------------------------------------------------------ filling
def test_filling_writes_texts_into_links_and_what_a_left_out_figure_needs_may_be_missing():
    notebook = nbformat.read(SAMPLE, as_version=4)
    about = declared.read(SAMPLE.with_suffix(".toml"))
    about.numbers["firm"] = declared.Number("A firm", "{}")
    cell = nbformat.v4.new_markdown_cell("**[Figure](#fig-no). [x](#num-firm)**", id="no-words")
    notebook.cells.append(cell)

    def faults():
        return prose.faults(SAMPLE.stem, notebook, about, prose.Book(SAMPLE.parent))

    assert len(faults()) == 3  # no number, no figure, declared and not recorded
    html = '<p class="left-out" id="fig-no">None.</p>'
    about = replace(about, filled=True)  # as a page is that leaves figures out
    output = nbformat.v4.new_output("execute_result", {"text/html": html})
    notebook.cells.append(nbformat.v4.new_code_cell("1", id="no", outputs=[output]))
    assert faults() == []
    record = {"key": "firm", "text": "A*B [C] $5", "value": "A*B [C] $5", "what": "A firm",
              "form": "{}", "data": []}  # fmt: skip
    output.data = {stored.NUMBERS: {"numbers": [record]}}
    prose.fill(notebook)
    assert cell.source == r"**[Figure](#fig-no). [A\*B \[C\] \$5](#num-firm)**"
    assert len(faults()) == 1  # the figure


# ------------------------------------------------------------------ rewriting
def test_rewriting_renews_numerals_and_lists_what_a_person_must_read(tmp_path, capsys):
    for name in ("chapter.ipynb", "chapter.toml"):
        text = (SAMPLE.parent / name).read_text("utf-8")
        for old, new in (("118.42", "119.90"), ("[35]", "[31]"), ("[first]", "[third]")):
            text = text.replace(old, new) if name == "chapter.toml" else _in_prose(text, old, new)
        (tmp_path / name).write_text(text, "utf-8")
    from shockbook.__main__ import main

    path = tmp_path / "chapter.ipynb"
    assert main(["notebooks", str(path), "--rewrite"]) == 1
    said = capsys.readouterr()
    assert "'third' is said" in said.err and said.err.count("\n") == 1
    assert "read: chapter: title: " in said.out and "(rank is now rank 1)" in said.out
    text = path.read_text("utf-8")
    assert "119.90" not in text and "[35](#num-listed)" in text
    assert "[35](#num-listed)" in (tmp_path / "chapter.toml").read_text("utf-8")
    path.write_text(text.replace("[third]", "[first]"), "utf-8")
    assert main(["notebooks", str(path), "--check"]) == 0
    assert path.read_bytes() == SAMPLE.read_bytes()


def test_a_sentence_to_be_read_is_whole_though_it_ends_with_the_link():
    book = prose.Book(SAMPLE.parent)
    told = prose.rewrite("Two fell. On the list is [none](#num-listed)", SAMPLE.stem, book)
    assert told.read == ["On the list is none  (listed is now 35)"]
    assert len(prose.rewrite("[](#num-listed) is the list.", SAMPLE.stem, book).read) == 1


def test_a_name_with_an_accent_is_looked_up_as_it_is_written():
    (block,) = prose.blocks("[x](#term-Pynnönen)")
    assert block.links[0].name == "Pynnönen"


def _in_prose(text, old, new):
    """Replaced in the Markdown of a notebook, not in its outputs."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(old, new)
    return nbformat.writes(notebook) + "\n"


# ------------------------------------------------------------------ what may stand without a link
@pytest.mark.parametrize(
    "text",
    [
        "There are two reasons, and one of them is good.", "The two agree.", "S&P 500 and GPT-4o.",
        "One can say, first of all, that R1 is no V3.", "A 95% prediction interval starts at zero.",
        "By the 10-Q and C12, the H800 is a chip.", "The May sale may begin.", "`x = 17`",
        "```python\nx = 17\n```", "On Monday 27 January 2025 it fell.", "<!-- 17 -->",
        "> **Guess first.** How many? [From 0 to 503 days](#guess-rose)", "[all 503](#num-members)",
        "No other loss comes near.", "A quarterly report.",
    ],
)  # fmt: skip
def test_what_may_stand_without_a_link(text):
    assert [o for b in prose.blocks(text) for o in prose.orphans(b, BOOK.typed)] == []


@pytest.mark.parametrize(
    "text",
    ["17%", "\\$5", "seven firms", "two companies", "Two fell.", "half of them", "twice as much",
     "on Tuesday", "in May", "in 2024", "28 January 2025", "Tuesday 27 January", "a third of it",
     "hundreds of firms", "the second largest", "it ranks third", "# None fell",
     "**[Figure](#fig-a). Most fell**", "> a loss of 17%", "| a | 17 |", "[all 503 firms](data.md)",
     "![17 bars](drawings/a.svg)", "Q3 2025", "2025-01-27", "2,048", "the 9th",
     ":::note\n17 dogs\n:::", ":::{note}\n:::{tip}\nA.\n:::\nB.\n:::\nHe saw 17 dogs."],
)  # fmt: skip
def test_what_may_not_stand_without_a_link(text):
    found = [o for b in prose.blocks(text) for o in prose.orphans(b, BOOK.typed)]
    assert found


# ------------------------------------------------------------------ headings
def headings(paths):
    """The headings of chapters, one a line, each behind its chapter's name."""
    return [
        # what an event is called is for whoever changes event.toml
        f"{path.stem}: {EVENT_NAME.sub('the event', line)}"
        for path in paths
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if re.match("#+ ", line)
    ]


def test_methods_lists_its_sections():
    cells = nbformat.read(pages.ROOT / "chapters/methods.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    listed = re.findall(r"^- \[([^\]]+)\]\(#[a-z-]+\)", text, re.M)
    assert ["The data of this page", *listed] == re.findall(r"^## (.+)$", text, re.M)


def test_no_heading_changes_unseen():
    """No machine knows that a heading was turned round, so each change is made in two places."""
    assert "\n".join(headings(pages.CHAPTERS)) == (
        (pages.ROOT / "tests/notebooks/headings.txt").read_text("utf-8").strip()
    )
