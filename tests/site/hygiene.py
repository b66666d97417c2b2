"""What must hold on every page of a built book, read from its files alone.

``faults(folder)`` returns one sentence for each thing that is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

from shockbook.site.pages import theme_script

# Elements that make a browser load something, and the attribute that says what.
LOADS = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "use": ("href",),
    "image": ("href",),
}
DATA = ("application/json", "application/ld+json")  # no browser runs them
LINKED = {"stylesheet", "preload", "icon", "modulepreload", "prefetch", "manifest", "preconnect"}
REMOTE = re.compile(r"(?:https?:)?//", re.I)
IN_STYLE = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import", re.I)
ESCAPED = re.compile(r"\\[$&%#_{}]")
WORDS = "//body//text()[not(ancestor::code or ancestor::pre or ancestor::*[local-name()='math'])]"
TURNED = re.compile(r"“(?=[\s.,;:)!?]|$)|(?:^|(?<=[\s(]))”")  # a quotation that opens at its end


def pages(folder: Path) -> dict[Path, html.HtmlElement]:
    """Return every page of a built book."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        if not {"_static", "_sources"} & set(path.relative_to(folder).parts):
            found[path] = html.document_fromstring(path.read_bytes().decode("utf-8"))
    return found


def _remote_loads(page) -> list[str]:
    bad = []
    for element in page.iter(*LOADS):
        for attribute in LOADS[element.tag]:
            if REMOTE.match(element.get(attribute) or ""):
                bad.append(f"<{element.tag}> loads {element.get(attribute)}")
    for link in page.iter("link"):
        if LINKED & set((link.get("rel") or "").split()) and REMOTE.match(link.get("href") or ""):
            bad.append(f"<link rel={link.get('rel')}> loads {link.get('href')}")
    styles = [s.text or "" for s in page.iter("style")]
    styles += [e.get("style") for e in page.xpath("//*[@style]")]
    bad += ["a style loads from another host" for style in styles if IN_STYLE.search(style)]
    return bad


def _dead_links(page, path: Path, folder: Path, ids: dict[Path, set[str]]) -> list[str]:
    bad = []
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in ("href", "src", "data-spec"):
            address = element.get(attribute)
            if not address or address.startswith(("data:", "mailto:")):
                continue
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                bad.append(f"dead link {address}")
            elif parts.fragment and target in ids and unquote(parts.fragment) not in ids[target]:
                bad.append(f"dead anchor {address}")
    return bad


def _names(page) -> list[str]:
    bad = []
    for figure in page.xpath('//figure[contains(@class, "chart")]'):
        name = figure.get("id")
        picture = figure.xpath('.//*[@role="img"]')
        steps = figure.xpath('.//*[@class="steps"]')  # told in words beside, each step twice
        alt = picture[0].get("aria-label", "") if picture else ""
        alt = " ".join(figure.xpath("./p/text()")) if steps else alt
        by_hand = figure.xpath('.//svg//*[starts-with(@class, "fill-")]')  # holds no data
        if len(alt) < 40:
            bad.append(f"chart {name} has no alt text that says what it shows")
        widths = 3 if "wide" in figure.get("class").split() else 2
        if len(figure.xpath(".//svg")) != widths * max(1, len(figure.xpath(".//ol/li"))):
            bad.append(f"chart {name} does not stand in {widths} widths")
        if by_hand:
            continue
        if not figure.xpath(".//table"):
            bad.append(f"chart {name} has no data table")
        if not figure.xpath('.//a[contains(@href, ".csv")]'):
            bad.append(f"chart {name} has no link to its data")
    for image in page.iter("img"):
        if image.get("alt") is None:
            bad.append(f"an image has no alt text: {image.get('src')}")
    for item in page.xpath('//*[@role="list"]/*[@role!="listitem"]'):
        bad.append(f"a list holds a {item.get('role')}")
    for table in page.iter("table"):
        for head in table.iter("th"):
            if not head.text_content().strip():
                bad.append("a table has an empty header cell")
        box = table.getparent()
        if box.get("role") != "group" or box.get("tabindex") != "0" or not box.get("aria-label"):
            bad.append("a table stands outside a named box that scrolls")
    return bad


def _frame(page) -> list[str]:
    bad = []
    if not page.get("lang"):
        bad.append("no language")
    if not (page.findtext(".//title") or "").strip():
        bad.append("no title")
    if len(page.xpath("//h1")) != 1:
        bad.append(f"{len(page.xpath('//h1'))} first headings")
    policy = page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    if not policy:
        bad.append("no Content-Security-Policy")
    else:
        scripts = re.search(r"script-src([^;]*)", policy[0])
        # a page that can run compiles WebAssembly, which makes no code from a text
        said = scripts[1].replace("'wasm-unsafe-eval'", "") if scripts else "unsafe"
        if "unsafe" in said or "*" in said:
            bad.append(f"a lax policy for scripts: {policy[0]}")
    for element in page.iter():
        if isinstance(element.tag, str):
            bad += [
                f"inline handler {a} on <{element.tag}>" for a in element.attrib if a[:2] == "on"
            ]
    for script in page.iter("script"):
        own = "".join(script.itertext()) == theme_script()  # the one that the policy names
        if not script.get("src") and script.get("type") not in DATA and not own:
            bad.append("a script stands in the page")
    counted = Counter(page.xpath("//@id"))
    bad += [f"id used {n} times: {i}" for i, n in counted.items() if n > 1]
    levels = [int(h.tag[1]) for h in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    bad += [
        f"a heading of level {b} follows one of level {a}"
        for a, b in zip(levels, levels[1:], strict=False)
        if b > a + 1
    ]
    for text in page.xpath(WORDS) + page.xpath("//@title"):
        bad += [f"an escape is printed: {text.strip()[:60]}"] if ESCAPED.search(text) else []
    for block in page.iter("p", "h1", "h2", "h3", "h4", "td", "dd"):
        text = " ".join(block.text_content().split())
        bad += [
            f"a quotation mark is turned: {text[max(0, m.start() - 30) : m.end() + 10]}"
            for m in TURNED.finditer(text)
        ]
    bad += [
        "text of a failed reference: [no figure"
        for _ in page.xpath('//*[contains(text(), "[no figure")]')
    ]
    return bad


def faults(folder: Path) -> list[str]:
    """Return one sentence for each thing that is wrong in a built book."""
    folder = folder.resolve()
    found = pages(folder)
    ids = {path: set(page.xpath("//@id")) for path, page in found.items()}
    bad = [] if found else [f"{folder}: holds no page"]
    for path, page in found.items():
        problems = _frame(page) + _remote_loads(page) + _names(page)
        problems += _dead_links(page, path, folder, ids)
        bad += [f"{path.relative_to(folder)}: {problem}" for problem in problems]
    for style in folder.rglob("*.css"):
        if "_static/shockbook" in style.as_posix() and IN_STYLE.search(style.read_text("utf-8")):
            bad.append(f"{style.relative_to(folder)}: loads from another host")
    return bad
