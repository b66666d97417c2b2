"""The *Data* page: every dataset of the book in words, from ``datapackage.json``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pandas as pd

from shockbook import catalog


def page(pages: Collection[str] = ()) -> str:
    """The content of the Data page as MyST Markdown, from the data folder as it is.

    ``pages`` holds the slugs of the chapters that can be linked, for instance ``"3-nvidia"``.
    """
    return markdown(catalog.package()["resources"], catalog.sources(), pages)


def markdown(resources: list[dict], sources: pd.DataFrame, pages: Collection[str] = ()) -> str:
    """Describe datasets in MyST Markdown: an overview, then one section each.

    Parameters
    ----------
    resources : list of dict
        Resource descriptors.
    sources : DataFrame
        The list of sources, with columns id, title, publisher, date, url and kind.
    pages : collection of str
        Slugs of the chapters that can be linked.

    Returns
    -------
    str
        Sections start at the second level; each has the label ``data-<name>``.
    """
    ordered = sorted(resources, key=lambda resource: resource["name"])
    known = sources.fillna("").set_index("id")
    sections = [_section(resource, known, pages) for resource in ordered]
    return "\n\n".join([_overview(ordered), *sections]) + "\n"


def _overview(resources: list[dict]) -> str:
    lines = ["| dataset | what it holds | rows | as of |", "| --- | --- | ---: | --- |"]
    for resource in resources:
        name = resource["name"]
        lines.append(
            f"| [{name}](#data-{name}) | {_cell(resource['title'])} "
            f"| {_rows(resource)} | {_day(resource['asOf'])} |"
        )
    return "\n".join(lines)


def _section(resource: dict, sources: pd.DataFrame, pages: Collection[str]) -> str:
    name, path = resource["name"], resource["path"]
    used = ", ".join(
        f"{{doc}}`{slug} </chapters/{slug}>`" if slug in pages else slug
        for slug in resource.get("usedBy", [])
    )
    facts = [
        f"File: {{download}}`{path} </data/{path}>`, {_rows(resource)} rows, "
        f"{resource['bytes'] / 1024:,.0f} KiB, sha256 `{resource['hash'].partition(':')[2][:12]}…`",
        f"As of {_day(resource['asOf'])}, retrieved {_day(resource['retrieved'])}",
        f"Used by: {used}" if used else "",
        f"Source line: {resource['shortSource']}",
        f"Licence: {_licence(resource)}{resource['licenceNote']}",
        f"Checked: {_checks(resource)}",
    ]
    parts = [
        f"(data-{name})=\n## {resource['title']}",
        f"Dataset `{name}`. {resource['description']}",
        "\n".join(f"- {fact}" for fact in facts if fact),
        _dropdown("Columns", _columns(resource["schema"]["fields"])),
    ]
    if resource.get("sources"):
        ids = [source["id"] for source in resource["sources"]]
        parts.append(_dropdown(f"Sources ({len(ids)})", _sources(ids, sources)))
    return "\n\n".join(parts)


def _dropdown(title: str, body: str) -> str:
    return f":::{{dropdown}} {title}\n\n{body}\n\n:::"


def _columns(fields: list[dict]) -> str:
    lines = ["| column | type | unit | meaning | constraints |", "| --- | --- | --- | --- | --- |"]
    for field in fields:
        cells = (
            f"`{field['name']}`",
            field["type"],
            field.get("unit", ""),
            field["description"],
            _constraints(field.get("constraints", {})),
        )
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def _constraints(constraints: dict) -> str:
    words = []
    for key, value in constraints.items():
        if key == "enum":
            words.append("one of: " + ", ".join(map(str, value)))
        elif key == "pattern":
            words.append(f"like `{value}`")
        elif key in ("minimum", "maximum"):
            words.append(f"{'at least' if key == 'minimum' else 'at most'} {value}")
        elif value:
            words.append("never empty" if key == "required" else key)
    return "; ".join(words)


def _sources(ids: list[str], sources: pd.DataFrame) -> str:
    lines = []
    for source in ids:
        row = sources.loc[source]
        title = _cell(row["title"].replace("[", r"\[").replace("]", r"\]"))
        link = f"[{title}]({row['url'].replace(' ', '%20')})" if row["url"] else title
        rest = ", ".join(text for text in (row["publisher"], row["date"]) if text)
        lines.append(f"- `{source}`: {link}. {rest} ({row['kind']})")
    return "\n".join(lines)


def _checks(resource: dict) -> str:
    key = resource["schema"].get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    words = [f"one row for each {' and '.join(key)}"] if key else []
    for relation in resource["schema"].get("foreignKeys", []):
        there = relation["reference"]
        words.append(f"every {', '.join(relation['fields'])} is in {there['resource']}")
    words.append("types and constraints of every column, by frictionless")
    return "; ".join(words) + "."


def _licence(resource: dict) -> str:
    names = [licence.get("title") or licence["name"] for licence in resource.get("licenses", [])]
    return f"{'; '.join(names)}. " if names else ""


def _rows(resource: dict) -> str:
    # the count is recorded with the hash; a table that was just described has none yet
    return f"{resource['rows']:,}" if "rows" in resource else "?"


def _day(date: str) -> str:
    """A date of the descriptor in words, for instance 31 July 2026."""
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        return date
    return f"{day.day} {day:%B %Y}"


def _cell(text: str) -> str:
    return str(text).replace("|", r"\|").replace("\n", " ")
