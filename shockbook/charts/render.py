"""From an Altair chart to what a notebook stores, and from that to what a page draws.

A notebook stores one Vega-Lite specification under the mime type that JupyterLab draws, a
picture for viewers that draw none, and a line of text.  Its data is CSV text with six
significant digits: full floats differ in the last bit between processors, and JSON rows are
two to five times the bytes.
"""

import base64
import copy
import hashlib
import importlib.util
import io
import json
import re

import altair as alt
import numpy as np
import pandas as pd

from shockbook import words
from shockbook.charts import axes
from shockbook.charts.axes import CONCATS
from shockbook.charts.theme import CONFIG, LAB, LIGHT

#: JupyterLab 4 draws this type and no later one.
MIME = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
VEGA_LITE = "6.4"
#: Whether this Python can draw; inside a page it cannot, and the page does.
DRAWS = importlib.util.find_spec("vl_convert") is not None
#: Widths in pixels: stored in the notebook; drawn for a page, a phone, and a figure that is broad.
WIDTH, WIDE, NARROW, BROAD = 680, 700, 340, 1000
SIZES = {"broad": BROAD, "wide": WIDE, "narrow": NARROW}
FIT = {"type": "fit-x", "contains": "padding"}
LONG = re.compile(r"\d+\.\d{3,}")  # a coordinate with more decimals than a page needs


# ------------------------------------------------------------------ notebook side
def _number(value: float) -> str:
    """A float with six significant digits, without an exponent where that stays readable."""
    if pd.isna(value):
        return ""
    if not np.isfinite(value):
        raise ValueError("a chart cannot draw an infinite value: look at the data given to it.")
    text = f"{value:.6g}"
    if "e" in text and 1e-6 <= abs(value) < 1e15:
        text = np.format_float_positional(float(text), trim="-")
    return "0" if text == "-0" else text


def to_csv(frame: pd.DataFrame) -> tuple[str, dict]:
    """CSV text of a frame, and how Vega is to parse each column that is no text.

    Floats get six significant digits.  Dates are naive and read as local time, so that the day
    stays the day wherever the page is opened (ISO 8601 with a clock time is local, a bare day is
    not).  Vega-Lite parses a table twice when two layers share it, so only types that survive
    that are used.  A column with a time zone, of durations, or with a name that Vega reads as a
    path is refused.
    """
    out, parse = {}, {}
    for name, column in frame.items():
        if not isinstance(name, str) or re.search(r"[.\[\]\"']", name):
            raise ValueError(f"rename the column {name!r}: Vega reads . [ ] and quotes as a path.")
        kind = column.dtype.kind
        if getattr(column.dtype, "tz", None) is not None or kind == "m":
            raise ValueError(f"the column {name!r} must hold plain numbers or dates without zone.")
        if kind == "f":
            parse[name] = "number"
            out[name] = [_number(v) for v in column.astype("float64")]
        elif kind in "iu":
            parse[name], out[name] = "number", column
        elif kind == "b":
            parse[name] = "boolean"
            out[name] = column.map({True: "true", False: "false"})
        elif kind == "M":
            parse[name], out[name] = "date", column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        else:
            out[name] = column
    text = pd.DataFrame(out, columns=list(frame.columns)).to_csv(index=False, lineterminator="\n")
    return text, parse


def data_transformer(data):
    """Altair's data transformer for the book (see :func:`to_csv`)."""
    if not isinstance(data, pd.DataFrame):
        return data
    text, parse = to_csv(data)
    return {"values": text, "format": {"type": "csv", "parse": parse}}


def own_data(spec: dict) -> dict:
    """The specification with a table that several plots or layers share written at each of them.

    Altair lifts such a table to the top.  Vega-Lite then takes a column of the same name in
    another layer's table for parsed already: dates there would not be drawn.
    """
    parts = next((k for k in ("layer", *CONCATS) if k in spec), None)
    if parts is None:
        return spec
    out = dict(spec)
    shared = None if "transform" in out else out.pop("data", None)
    out[parts] = [own_data({"data": shared, **p} if shared else p) for p in out[parts]]
    return out


def inked(spec: dict, config: dict) -> dict:
    """A specification with inks, as :data:`shockbook.charts.theme.LIGHT`; its own win."""
    return {**spec, "config": _merged(config, spec.get("config", {}))}


def _merged(below: dict, above: dict) -> dict:
    out = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            out[key] = _merged(below[key], above[key])
    return out


def picture(spec: dict) -> bytes:
    """A PNG of a specification, with a palette: a sixth of the size that vl-convert writes."""
    import vl_convert
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    drawn_from = PngInfo()
    drawn_from.add_text("spec", digest(spec))
    spec = inked(spec, LIGHT)
    full = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    image = Image.open(io.BytesIO(full)).convert("RGB")
    small = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, format="PNG", pnginfo=drawn_from)
    return out.getvalue()


def digest(spec: dict) -> str:
    """The SHA-256 of a specification; its picture carries it as text, under ``spec``.

    It is the same after a browser has saved the notebook, which writes 17.0 as 17.
    """
    plain = json.loads(json.dumps(spec), parse_float=lambda text: words.whole(float(text)))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def is_pictured(bundle: dict) -> bool:
    """Whether the picture of a mime bundle was drawn from the specification beside it."""
    from PIL import Image

    if "image/png" not in bundle:
        return False
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as image:
        return image.info.get("spec") == digest(bundle[MIME])


def renderer(spec: dict, **_) -> tuple[dict, dict]:
    """Altair's renderer for the book: the mime bundle of a cell, and its metadata.

    JupyterLab draws the specification, in its own inks, so that a chart follows its theme; every
    other viewer finds a picture, which holds the hash of its specification.
    """
    spec = axes.finish({**own_data(spec), "$schema": SCHEMA}, WIDTH)
    about = spec.get("usermeta", {}).get("shockbook", {})
    own = about.get("narrow", {}).get("datasets", {})  # of the phone's version: once is enough
    for name in own.keys() & spec.get("datasets", {}).keys():
        del own[name]
    told = about.get("name", "without a name")
    bundle = {MIME: spec, "text/plain": f"[chart] {told}"}
    if DRAWS:
        bundle["image/png"] = base64.b64encode(picture(spec)).decode()
    return bundle, {
        MIME: {"embed_options": {"renderer": "svg", "config": LAB}},
        "image/png": {"alt": f"Chart {told}"},
    }


def enable() -> None:
    """Switch on the theme, the renderer and the data transformer: first cell of a chapter."""
    alt.renderers.register("shockbook", renderer)
    alt.renderers.enable("shockbook")
    alt.data_transformers.register("shockbook", data_transformer)
    alt.data_transformers.enable("shockbook")
    alt.theme.register("shockbook", enable=True)(lambda: {"config": CONFIG})
    # Altair checks each part as it is made, and the whole again when it is drawn: once is enough.
    alt.utils.schemapi.disable_debug_mode()


# ------------------------------------------------------------------ page side
def meta(spec: dict) -> dict:
    """What :func:`shockbook.charts.figure` wrote into a specification."""
    about = spec.get("usermeta", {}).get("shockbook")
    if about is None:
        raise ValueError(
            "a chart has no title, alt text and source: end its cell with charts.figure(...)."
        )
    return about


def view(spec: dict, size: str) -> dict:
    """What a page draws of a stored specification: "broad", "wide" or, for a phone, "narrow".

    A copy without title (the page writes it), usermeta and schema, on a transparent ground.
    """
    about = meta(spec)
    out = spec
    if size == "narrow" and (own := about.get("narrow")):
        data = {**spec.get("datasets", {}), **own.get("datasets", {})}
        out = {**own, "datasets": data, "config": spec.get("config", {})}
    left_out = ("title", "usermeta", "$schema", "background")
    out = inked(copy.deepcopy({k: v for k, v in out.items() if k not in left_out}), LIGHT)
    config = out["config"]
    config["background"] = "transparent"
    if about["fluid"] and not {*CONCATS, "facet", "repeat"} & set(out):  # a phone may have several
        out["width"], out["autosize"] = SIZES[size], FIT
    axes.finish(out, SIZES[size])
    # numbers along an axis that all but touch read as one
    config["axis"] = {**config["axis"], "labelSeparation": 5}
    if size == "narrow":
        config["axis"]["labelLimit"] = 130
    return out


def widths(about: dict) -> tuple[str, ...]:
    """The widths of a chart's pictures on a page."""
    return ("broad", "wide", "narrow") if about.get("wide") else ("wide", "narrow")


def live_view(spec: dict, size: str) -> dict:
    """A :func:`view` for a chart that answers to a pointer: its words have names and days."""
    out = view(spec, size)
    out["config"]["timeFormat"] = "%-d %B %Y"
    _name_tooltips(out)
    return out


def _name_tooltips(node) -> None:
    """Give each line of a tooltip that has no title its field's name in words, in place."""
    if isinstance(node, list):
        for one in node:
            _name_tooltips(one)
    elif isinstance(node, dict):
        shown = node.get("tooltip")
        for one in shown if isinstance(shown, list) else [shown]:
            if isinstance(one, dict) and "field" in one and "aggregate" not in one:
                one.setdefault("title", one["field"].replace("_", " "))
        for value in node.values():
            _name_tooltips(value)


def _short(match: re.Match) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def compiled(spec: dict) -> dict:
    """A view as Vega, with names of several lines centred on their rows, as Vega-Lite can't say."""
    import vl_convert

    vega = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
    groups = [vega]
    while groups:
        group = groups.pop()
        groups += group.get("marks", ())
        for axis in group.get("axes", ()):
            label = axis.get("encode", {}).get("labels", {}).get("update", {})
            told = label.get("text", {}).get("signal", "")
            if axis.get("description") == axes.OURS and told.endswith("})[datum.label]"):
                lines = json.loads(told[1 : told.rindex(")")])
                above = {name: -7 * (len(parts) - 1) for name, parts in lines.items()}
                label["dy"] = {"signal": f"({json.dumps(above)})[datum.label]"}
    return vega


def svg(spec: dict, ids: str) -> str:
    """The SVG element of a view, drawn with no network; coordinates have two decimals.

    ``ids`` begins each id in it: ids must be unique on a page that holds many.
    """
    import vl_convert

    text = vl_convert.vega_to_svg(compiled(spec), allowed_base_urls=[])
    text = re.sub(r"<[^>]+>", lambda tag: LONG.sub(_short, tag[0]), text)
    # Vega counts ids on from drawing to drawing: numbered anew, the same view gives the same bytes
    found = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', text)))
    own = {old: f"{ids}-{number}" for number, old in enumerate(found)}
    return re.sub(r'(\bid="|url\(#|href="#)([^")]+)', lambda m: m[1] + own.get(m[2], m[2]), text)


def table_csv(spec: dict) -> str:
    """The CSV text of the table under a chart: the author's, or the chart's longest data."""
    texts = [t for t in (spec.get("datasets") or {}).values() if isinstance(t, str)]
    text = meta(spec).get("table") or _shown(max(texts, key=lambda t: t.count("\n"), default=""))
    return text.replace("T00:00:00", "")  # a table for people shows days


def _shown(text: str) -> str:
    """A table without the columns that helpers added, whose names begin with an underscore."""
    if not re.search(r"(?m)\A.*\b_", text.split("\n", 1)[0]):
        return text
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    kept = [c for c in table.columns if not c.startswith("_")]
    return table[kept].to_csv(index=False, lineterminator="\n")


def is_live(spec, for_what=("params", "tooltip")) -> bool:
    """Whether a specification has a param or a tooltip, and so needs Vega in the browser.

    With ``("params",)``: whether it has something to set or to select.
    """
    if isinstance(spec, dict):
        return any(
            (key in for_what and bool(value))
            or (key not in ("datasets", "data", "config", "usermeta") and is_live(value, for_what))
            for key, value in spec.items()
        )
    return isinstance(spec, list) and any(is_live(part, for_what) for part in spec)
