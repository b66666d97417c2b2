"""Renting machines to run a model oneself, against buying its tokens from an API.

A rented node costs the same whether it works or not; an API costs by the token.  So there is a
number of tokens a month above which the node is cheaper, if the node can make that many.
Engineers, redundancy, storage and network are outside unless the caller adds them as ``other_usd``.

Throughput is always the caller's figure: it depends on model, precision, batch and the length of
prompts, and no default would be honest.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ._check import dollars_per_hour, non_negative, plain, positive, share, within

HOURS_PER_MONTH = 365.25 * 24 / 12
SECONDS_PER_HOUR = 3600


def node_cost(gpus, usd_per_gpu_hour, other_usd=0.0):
    """Dollars a month for one node rented around the clock.

    ``gpus`` in the node, rent of each in dollars an hour, ``other_usd`` other dollars a month.
    """
    price = positive("usd_per_gpu_hour", dollars_per_hour(usd_per_gpu_hour))
    rent = positive("gpus", gpus) * price * HOURS_PER_MONTH
    return plain(rent + non_negative("other_usd", other_usd))


def monthly_tokens(tokens_per_second, utilisation=1.0):
    """Tokens a month that one node makes, at a throughput when busy and a share of time busy."""
    busy = share("utilisation", utilisation) * HOURS_PER_MONTH * SECONDS_PER_HOUR
    return plain(positive("tokens_per_second", tokens_per_second) * busy)


def blended_price(input_usd_per_m, output_usd_per_m, input_per_output=3.0):
    """Dollars per million tokens for a mix of input and output tokens.

    ``input_per_output`` is the number of input tokens to one output token; three to one is the
    convention of Epoch AI and Artificial Analysis.
    """
    ratio = non_negative("input_per_output", input_per_output)
    paid = ratio * non_negative("input_usd_per_m", input_usd_per_m)
    return plain((paid + non_negative("output_usd_per_m", output_usd_per_m)) / (ratio + 1))


def break_even_tokens(node_usd_per_month, api_usd_per_m_tokens):
    """Tokens a month for which the API's bill equals the rent of one node.

    Whether one node can make that many is another question: see :func:`break_even_utilisation`.
    """
    hint = "give dollars per million tokens, as 2.19"
    price = within("api_usd_per_m_tokens", api_usd_per_m_tokens, 1e-4, 1e5, hint)
    return plain(positive("node_usd_per_month", node_usd_per_month) / price * 1e6)


def break_even_utilisation(node_usd_per_month, api_usd_per_m_tokens, tokens_per_second):
    """Share of time a node must be busy to match the API's price; above 1 it never can."""
    tokens = break_even_tokens(node_usd_per_month, api_usd_per_m_tokens)
    return plain(np.asarray(tokens / monthly_tokens(tokens_per_second)))


def sensitivity(
    gpus: int,
    usd_per_gpu_hour: Sequence[float],
    tokens_per_second: Sequence[float],
    api_usd_per_m_tokens: Sequence[float],
) -> pd.DataFrame:
    """Break-even for every combination of rent, throughput and API price.

    Returns:
        DataFrame: Columns usd_per_gpu_hour, tokens_per_second, api_usd_per_m_tokens,
        node_usd_per_month, tokens_per_month (at break-even), utilisation (needed), possible (bool:
        at most 1).
    """
    given = {
        "usd_per_gpu_hour": usd_per_gpu_hour,
        "tokens_per_second": tokens_per_second,
        "api_usd_per_m_tokens": api_usd_per_m_tokens,
    }
    values = [np.atleast_1d(given[name]) for name in given]
    grid = pd.MultiIndex.from_product(values, names=list(given)).to_frame(index=False)
    node = node_cost(gpus, grid["usd_per_gpu_hour"])
    need = break_even_utilisation(node, grid["api_usd_per_m_tokens"], grid["tokens_per_second"])
    return grid.assign(
        node_usd_per_month=node,
        tokens_per_month=break_even_tokens(node, grid["api_usd_per_m_tokens"]),
        utilisation=need,
        possible=need <= 1,
    )
