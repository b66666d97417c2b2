"""Open files that stay at one address and need no key: exchange rate, AI models, model prices.

Each was chosen because the snapshot's own table comes from the same publisher, so that names,
units and definitions agree: the Federal Reserve's H.10 rate through FRED, Epoch AI's table of
notable models (CC BY), and the price list llm-prices.  Each function raises a
:class:`LiveError`, one sentence, if its source fails.
"""

import json
import re
import textwrap

import pandas as pd

from shockbook.data import snapshot
from shockbook.live.faults import SOURCES, UNATTENDED, ContractError, Patience
from shockbook.live.net import Session

FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DEXCHUS"
EPOCH, LLM_PRICES = (SOURCES["sources"][name]["url"] for name in ("epoch_notable", "llm_prices"))

#: Epoch AI's columns and the snapshot's; how sellers are spelt.
EPOCH_COLUMNS, PROVIDERS = SOURCES["epoch"], SOURCES["providers"]


def _text(source: str, url: str, patience: Patience) -> str:
    """The text at an address."""
    with Session(source, patience) as session:
        return session.get(url).text


def _typed(source: str, dataset: str, rows, columns: dict[str, str]) -> pd.DataFrame:
    """Rows (CSV text, or dictionaries) with the types that our dataset's schema states.

    ``columns`` are the source's names and ours; others are left out, and each must be there.
    """
    import frictionless  # half a second, and only when live data are asked for

    types = {f["name"]: f["type"] for f in snapshot().describe(dataset)["schema"]["fields"]}
    fields = [{"name": theirs, "type": types[ours]} for theirs, ours in columns.items()]
    schema = {"fields": fields, "missingValues": ["", "."], "fieldsMatch": "subset"}
    schema = frictionless.Schema.from_descriptor(schema)
    given = {"data": rows.encode(), "format": "csv"} if isinstance(rows, str) else {"data": rows}
    try:
        with frictionless.Resource(schema=schema, **given) as table:
            found = list(table.row_stream)
            errors = [*table.header.errors, *(error for row in found for error in row.errors)]
    except frictionless.FrictionlessException as error:
        raise ContractError(f"{source} sent a table that cannot be read ({error}).") from None
    if wrong := [error for error in errors if error.type != "blank-row"]:
        why = textwrap.shorten(wrong[0].message, 200)
        raise ContractError(f"{source} sent a table in another form: {why}.")
    if not found:
        raise ContractError(f"{source} sent a table without rows.")
    read = {"number": "float64", "date": "datetime64[us]", "string": "str"}
    table = pd.DataFrame([{o: row[t] for t, o in columns.items()} for row in found])
    return table.astype({ours: read[types[ours]] for ours in columns.values()})


def usdcny(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Yuan per US dollar, the Federal Reserve's H.10 series DEXCHUS, from FRED.

    Returns a table of ``date`` and ``cny_per_usd``; days without a rate (holidays) are left
    out.
    """
    text = _text("FRED", FRED, patience)
    first = text.split(",", 1)[0]  # FRED has called it DATE and observation_date
    table = _typed("FRED", "usdcny", text, {first: "date", "DEXCHUS": "cny_per_usd"})
    return table.dropna(ignore_index=True)


def slug(name: str) -> str:
    """A model's id in the snapshot: ``ep_`` and its name in small letters, digits and ``_``."""
    return "ep_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def epoch_models(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Epoch AI's notable models (CC BY).

    Returns a table: ``id`` and the columns of :data:`EPOCH_COLUMNS`, one row a model.
    """
    table = _typed("Epoch AI", "epoch-models", _text("Epoch AI", EPOCH, patience), EPOCH_COLUMNS)
    table = table.dropna(subset=["model", "publication_date"])
    table.insert(0, "id", [slug(name) for name in table["model"]])
    return table


def price_list(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Today's list prices of language models, from llm-prices.

    Returns a table of ``provider``, ``model``, ``model_family`` (the list's id of the model),
    ``date_listed`` (day on which the list was last changed), ``input_usd_per_m``,
    ``cached_input_usd_per_m``, ``output_usd_per_m``, ``tier``.
    """
    answer = json.loads(_text("llm-prices", LLM_PRICES, patience))
    try:
        rows = [
            {
                "provider": PROVIDERS.get(row["vendor"], row["vendor"]),
                "model": row["name"],
                "model_family": row["id"],
                "date_listed": answer["updated_at"][:10],
                "input_usd_per_m": row["input"],
                "cached_input_usd_per_m": row.get("input_cached"),
                "output_usd_per_m": row["output"],
                "tier": _tier(row["name"]),
            }
            for row in answer["prices"]
        ]
    except (KeyError, TypeError) as error:
        raise ContractError(
            f"llm-prices sent a list in another form ({type(error).__name__}: {error})."
        ) from None
    if not rows:
        raise ContractError("llm-prices sent a list without prices.")
    table = _typed("llm-prices", "api-prices", rows, {name: name for name in rows[0]})
    table = table.drop_duplicates(ignore_index=True)
    bare = table[["input_usd_per_m", "output_usd_per_m"]].isna().any(axis=1)
    if bare.any():
        raise ContractError(f"llm-prices has no price of {table[bare].iloc[0]['model']}.")
    doubled = table.duplicated("model_family")
    if doubled.any():
        raise ContractError(f"llm-prices has two prices of {table[doubled].iloc[0]['model']}.")
    return table


def _tier(name: str) -> str | None:
    """The price tier at the end of a name (``Gemini 1.5 Pro <=128k``), else nothing."""
    found = re.search(r"[<>]=?\s*\d+k$", name)
    return found and found.group()
