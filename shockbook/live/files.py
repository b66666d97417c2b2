"""Open files that stay at one address and need no key: exchange rate, AI models, model prices.

Each was chosen because the snapshot's own table comes from the same publisher, so that names,
units and definitions agree: the Federal Reserve's H.10 rate through FRED, Epoch AI's table of
notable models (CC BY), and the price list llm-prices.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import numpy as np
import pandas as pd

from shockbook.live.faults import SOURCES, UNATTENDED, ContractError, Patience
from shockbook.live.net import Session

FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DEXCHUS"
EPOCH = "https://epoch.ai/data/notable_ai_models.csv"
LLM_PRICES = "https://www.llm-prices.com/current-v1.json"

#: Epoch AI's columns and the snapshot's; how sellers are spelt.
EPOCH_NUMBERS, EPOCH_TEXTS = SOURCES["epoch"]["numbers"], SOURCES["epoch"]["texts"]
PROVIDERS = SOURCES["providers"]


def _text(source: str, url: str, patience: Patience) -> str:
    """The text at an address."""
    session = Session(source, patience)
    try:
        return session.get(url).text
    finally:
        session.close()


def _table(source: str, text: str, columns: dict) -> pd.DataFrame:
    """Read CSV text, keep and rename columns; every one must be there."""
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise ContractError(f"{source} sent a table that cannot be read ({error}).") from None
    for column in columns:
        if column not in table:
            raise ContractError(
                f"The table of {source} has no column {column!r}: its form has changed."
            )
    if table.empty:
        raise ContractError(f"{source} sent a table without rows.")
    return table[list(columns)].rename(columns=columns)


def _numbers(source: str, column: pd.Series, empty: tuple[str, ...] = ()) -> pd.Series:
    """Texts to numbers; ``empty`` are the source's signs for no value."""
    text = column.where(~column.isin(empty))
    numbers = pd.to_numeric(text, errors="coerce")
    bad = numbers.isna() & text.notna()
    if bad.any():
        raise ContractError(
            f"{source} has {text[bad].iloc[0]!r} where a number of {column.name} goes."
        )
    return numbers.astype("float64")


def usdcny(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Yuan per US dollar, the Federal Reserve's H.10 series DEXCHUS, from FRED.

    Returns
    -------
    DataFrame
        Columns ``date`` and ``cny_per_usd``; days without a rate (holidays) are left out.

    Raises
    ------
    LiveError
        One sentence.
    """
    text = _text("FRED", FRED, patience)
    first = text.split(",", 1)[0]  # FRED has called it DATE and observation_date
    table = _table("FRED", text, {first: "date", "DEXCHUS": "cny_per_usd"})
    table["cny_per_usd"] = _numbers("FRED", table["cny_per_usd"], empty=(".",))
    try:
        table["date"] = pd.to_datetime(table["date"], format="%Y-%m-%d")
    except ValueError:
        raise ContractError("FRED's first column does not hold dates.") from None
    return table.dropna(ignore_index=True)


def slug(name: str) -> str:
    """A model's id in the snapshot: ``ep_`` and its name in small letters, digits and ``_``."""
    return "ep_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def epoch_models(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Epoch AI's notable models (CC BY).

    Returns
    -------
    DataFrame
        ``id`` and the columns of :data:`EPOCH_NUMBERS` and :data:`EPOCH_TEXTS`, one row a model.

    Raises
    ------
    LiveError
        One sentence.
    """
    text = _text("Epoch AI", EPOCH, patience)
    table = _table("Epoch AI", text, EPOCH_NUMBERS | EPOCH_TEXTS)
    for column in EPOCH_NUMBERS.values():
        table[column] = _numbers("Epoch AI", table[column])
    table = table.dropna(subset=["model", "publication_date"])
    try:
        table["publication_date"] = pd.to_datetime(table["publication_date"], format="%Y-%m-%d")
    except ValueError:
        raise ContractError("Epoch AI's publication dates are not days.") from None
    table.insert(0, "id", [slug(name) for name in table["model"]])
    return table


def price_list(*, patience: Patience = UNATTENDED) -> pd.DataFrame:
    """Today's list prices of language models, from llm-prices.

    Returns
    -------
    DataFrame
        Columns ``provider``, ``model``, ``model_family`` (the list's id of the model),
        ``date_listed`` (day on which the list was last changed), ``input_usd_per_m``,
        ``cached_input_usd_per_m``, ``output_usd_per_m``, ``tier``.

    Raises
    ------
    LiveError
        One sentence.
    """
    answer = json.loads(_text("llm-prices", LLM_PRICES, patience))
    try:
        listed = pd.Timestamp(dt.date.fromisoformat(answer["updated_at"][:10]))
        table = pd.DataFrame(
            {
                "provider": PROVIDERS.get(row["vendor"], row["vendor"]),
                "model": row["name"],
                "model_family": row["id"],
                "date_listed": listed,
                "input_usd_per_m": row["input"],
                "cached_input_usd_per_m": row.get("input_cached"),
                "output_usd_per_m": row["output"],
                "tier": _tier(row["name"]),
            }
            for row in answer["prices"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"llm-prices sent a list in another form ({type(error).__name__}: {error})."
        ) from None
    if table.empty:
        raise ContractError("llm-prices sent a list without prices.")
    for column in ("input_usd_per_m", "cached_input_usd_per_m", "output_usd_per_m"):
        table[column] = pd.to_numeric(table[column], errors="coerce").astype("float64")
    bare = table[["input_usd_per_m", "output_usd_per_m"]].isna().any(axis=1)
    if bare.any():
        raise ContractError(f"llm-prices has no price of {table[bare].iloc[0]['model']}.")
    doubled = table.drop_duplicates().duplicated("model_family")
    if doubled.any():
        name = table.drop_duplicates()[doubled].iloc[0]["model"]
        raise ContractError(f"llm-prices has two prices of {name}.")
    return table.drop_duplicates(ignore_index=True)


def _tier(name: str) -> str | float:
    """The price tier at the end of a name (``Gemini 1.5 Pro <=128k``), else empty."""
    found = re.search(r"[<>]=?\s*\d+k$", name)
    return found.group() if found else np.nan
