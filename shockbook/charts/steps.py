"""The same marks in several states, and the layouts that dots take: swarms and packed circles."""

import altair as alt
import numpy as np
import pandas as pd

from shockbook.charts import layers, layout, placing
from shockbook.charts.figure import NAME, _slim, _spec, tables, with_tables
from shockbook.charts.layers import painted
from shockbook.charts.render import own_data, to_csv
from shockbook.charts.theme import GREY


def steps(charts: list, name: str, key: str, label: str = ""):
    """Several still charts of the same marks, between which a page lets the marks move.

    Each of ``charts`` is a function that returns a chart with one dot for each row of a table, such
    as :func:`swarm`; it is called for the page and for the phone.  ``key`` is the column that says
    which dot is which: every chart holds the same keys once each.  ``label`` is a column with the
    words that pointing at a dot shows, and that a search finds.

    The words cell holds a numbered list with one item for each chart.  In a notebook, in print and
    without scripts the charts stand side by side.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"name={name!r} must look like 'fig-loss': fig, hyphens, small letters.")
    with layout.drawn(layout.PAGE):
        page = [make() for make in charts]
    with layout.drawn(layout.PHONE):
        small = [make() for make in charts]
    order = _order(page, key, name)
    place = {one: place for place, one in enumerate(order)}

    def ordered(table: pd.DataFrame) -> pd.DataFrame:
        return table.sort_values(
            key, key=lambda keys: keys.map(place), kind="stable", ignore_index=True
        ) if key in table else table  # fmt: skip

    page, small = ([with_tables(chart, ordered) for chart in drawn] for drawn in (page, small))
    first, *others = (_table(chart, key) for chart in page)
    if any(list(t[key]) != list(first[key]) for t in others):
        raise ValueError(f"the steps of {name} do not hold the same {key}s: give each all dots.")
    labels = [str(v) for v in first[label or key]]
    drawn = _slim(alt.concat(*[c.properties(width=300) for c in small], columns=2))
    drawn.usermeta = {"shockbook": {
        "name": name, "fluid": False, "steps": _spec(alt.concat(*page)), "labels": labels,
        "table": to_csv(first[[c for c in first if not c.startswith("_")]])[0],
    }}  # fmt: skip
    return drawn


def split(spec: dict) -> tuple[list[dict], list[dict]]:
    """The steps that a notebook stores as one chart, each as a chart: for the page, the phone."""
    about = spec["usermeta"]["shockbook"]

    def each(whole: dict) -> list[dict]:
        parts = [{k: v for k, v in c.items() if k != "width"} for c in whole["concat"]]
        own = {"config": spec.get("config", {}), "datasets": whole.get("datasets", {}),
               "usermeta": {"shockbook": {"name": about["name"], "fluid": True}}}  # fmt: skip
        return [own_data({**part, **own}) for part in parts]

    return each(about["steps"]), each(spec)


def _table(chart, key: str) -> pd.DataFrame | None:
    """The first table of a chart that holds the key."""
    return next((table for table in tables(chart) if key in table), None)


def _order(charts: list, key: str, name: str) -> list:
    """The keys of the dots in the order of all steps; neighbours are of one colour where they can.

    A page draws neighbours of one look as one path: hundreds of dots then cost a few elements.
    """
    found = [_table(chart, key) for chart in charts]
    if any(table is None or not table[key].is_unique for table in found):
        raise ValueError(f"a step of {name} needs a table with each {key} once.")
    looks = {n: t.assign(_colour=t.get("_colour", "")).set_index(key)["_colour"]
             for n, t in enumerate(found)}  # fmt: skip
    looks = pd.DataFrame(looks).fillna("").rename_axis(key).reset_index()
    return list(looks.sort_values([*range(len(charts)), key], kind="stable")[key])


def swarm(frame, value, colour=GREY, title="", rows=None, wanted=None, key="", height=360):
    """A dot for each row of the table along a value, heaped where there are many.

    ``rows`` is a column that parts the dots into rows, in the order ``wanted`` from top to bottom;
    ``key`` is a column to keep with the dots, for :func:`steps`.
    """
    order = list(wanted or dict.fromkeys(frame[rows])) if rows else [""]
    across = placing.plot(order if rows else ()) - 20
    low, high = frame[value].min(), frame[value].max()
    pad = (high - low) * 12 / across
    ends = [low - pad, high + pad]
    at = placing.pixels(frame[value], across, ends=ends)
    places = frame[rows].map(order.index).to_numpy() if rows else np.zeros(len(frame), int)
    radius, up = 4.2, None
    while up is None:  # as large as has room
        radius *= 0.92
        room = height / len(order) / 2 - radius
        heaps = [_heap(at[places == n], radius * 1.12, room) for n in range(len(order))]
        if all(heap is not None for heap in heaps):
            up = np.zeros(len(frame))
            for n, heap in enumerate(heaps):
                up[places == n] = height * (1 - (n + 0.5) / len(order)) + heap
    frame = frame.assign(_y=up)
    frame, paint = painted(frame, colour, key)
    x = alt.X(f"{value}:Q", title=title or value, scale=alt.Scale(domain=ends, nice=False))
    y = alt.Y("_y:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False))
    dot = alt.Chart(frame).mark_circle(size=np.pi * radius**2, opacity=1)
    drawn = dot.encode(x, y, color=paint, detail=f"{key}:N" if key else alt.Undefined)
    if rows:
        names = pd.DataFrame({"_row": order, "_y": [height * (1 - (n + 0.08) / len(order))
                                                    for n in range(len(order))]})  # fmt: skip
        drawn += alt.Chart(names).mark_text(align="left", baseline="top", style="muted").encode(
            y=alt.Y("_y:Q"), x=alt.value(0), text="_row:N")  # fmt: skip
    if low < 0 < high:
        drawn = layers.zero_rule("x") + drawn
    return drawn.properties(height=height)


def _heap(at: np.ndarray, radius: float, room: float) -> np.ndarray | None:
    """Ways up and down that keep dots of one radius apart, the least that will do within a room.

    None if there is no room for all.
    """
    out = np.zeros(len(at))
    placed: list[int] = []
    ways = np.arange(0, max(room, radius) * 2, radius / 3)
    ways = np.concatenate([[0], np.repeat(ways[1:], 2) * np.tile([1, -1], len(ways) - 1)]) / 2
    for i in np.argsort(at, kind="stable"):
        near = [j for j in placed[-120:] if at[i] - at[j] < 2 * radius]
        if near:
            reach = np.sqrt(np.maximum(0, (2 * radius) ** 2 - (at[near] - at[i]) ** 2))
            free = (np.abs(ways[:, None] - out[near]) >= reach - 1e-9).all(axis=1)
            if not free.any():
                return None
            out[i] = ways[np.argmax(free)]
        placed.append(i)
    return out


def packed(frame, amount, colour=GREY, key="", height=360):
    """A circle for each row of the table, its area an amount, packed around the middle."""
    across, down = placing.plot() + 20, height - 26  # which leaves a line free above
    radii = np.sqrt(frame[amount].abs().to_numpy("float64"))
    radii = np.maximum(radii, radii.max() / 60)  # a mark for each, however little
    x, y = _pack(radii)
    reach = (np.hypot(x, y) + radii).max()
    unit = min(across, down) / 2 / reach
    frame = frame.assign(_x=across / 2 + unit * x, _y=down / 2 + unit * y,
                         _size=np.pi * (unit * radii) ** 2)  # fmt: skip
    frame, paint = painted(frame, colour, key)
    x = alt.X("_x:Q", axis=None, scale=alt.Scale(domain=[0, across], nice=False))
    y = alt.Y("_y:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False))
    size, detail = alt.Size("_size:Q", scale=None), f"{key}:N" if key else alt.Undefined
    drawn = alt.Chart(frame).mark_circle(opacity=1).encode(x, y, size, color=paint, detail=detail)
    return drawn.properties(height=height)


def _pack(radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of circles around a middle, the largest first, each touching two before it.

    The front chain of Wang and others (2006), as d3-hierarchy walks it.
    """
    order = np.argsort(-radii, kind="stable")
    r = radii[order] * 1.03
    n = len(r)
    x, y = np.zeros(n), np.zeros(n)

    def touch(b: int, a: int, c: int) -> None:
        across, up = x[b] - x[a], y[b] - y[a]
        square, a2, b2 = across**2 + up**2, (r[a] + r[c]) ** 2, (r[b] + r[c]) ** 2
        base, sign, far, near = (b, -1, b2, a2) if a2 > b2 else (a, 1, a2, b2)
        along = (square + far - near) / (2 * square)
        off = np.sqrt(max(0, far / square - along**2))
        x[c] = x[base] + sign * along * across - off * up
        y[c] = y[base] + sign * along * up + off * across

    def meets(a: int, b: int) -> bool:
        return (r[a] + r[b] - 1e-6) ** 2 > (x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2

    def score(i: int) -> float:
        j = on[i]
        whole = r[i] + r[j]
        return sum(((v[i] * r[j] + v[j] * r[i]) / whole) ** 2 for v in (x, y))

    if n > 1:
        x[0], x[1] = -r[1], r[0]
    if n > 2:
        touch(1, 0, 2)
    a, b, c = 0, 1, 3
    on, back = {0: 1, 1: 2, 2: 0}, {0: 2, 1: 0, 2: 1}
    while c < n:
        touch(a, b, c)
        j, k, sj, sk, hit = on[b], back[a], r[b], r[a], False
        while True:
            if sj <= sk:
                if hit := meets(j, c):
                    b = j
                    break
                sj, j = sj + r[j], on[j]
            else:
                if hit := meets(k, c):
                    a = k
                    break
                sk, k = sk + r[k], back[k]
            if j == on[k]:
                break
        if hit:
            on[a], back[b] = b, a
            continue
        on[a], back[c], on[c], back[b] = c, a, b, c
        a = min(_around(on, c), key=score)
        b, c = on[a], c + 1
    place_x, place_y = np.empty(n), np.empty(n)
    weight = r**2 / (r**2).sum()
    place_x[order], place_y[order] = x - (x * weight).sum(), y - (y * weight).sum()
    return place_x, place_y


def _around(on: dict, start: int):
    """The circles of a chain, from one round to itself."""
    yield start
    at = on[start]
    while at != start:
        yield at
        at = on[at]
