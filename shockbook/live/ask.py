"""Ask one live source and hold the answer against the snapshot."""

from __future__ import annotations

from collections.abc import Callable

from shockbook import catalog
from shockbook.live.check import Change, compare, conform
from shockbook.live.faults import LiveError, Patience
from shockbook.live.registry import Live, over


def ask(
    live: Live,
    patience: Patience,
    step: Callable[[str], None] = lambda name: None,
    strict: bool = False,
) -> Change:
    """What a dataset's live source would change in its snapshot.

    Parameters
    ----------
    live : Live
        The dataset.
    patience : Patience
        Time limits and tries.
    step : callable
        Called with the name of each part that is done.
    strict : bool
        A chapter shows all of the live data or none: here a ticker that the source no longer
        knows, and a revision that needs consent, are errors too.

    Raises
    ------
    LiveError
        One sentence; nothing else, whatever the source sends.
    """
    resource = catalog.describe(live.dataset)
    snapshot = catalog.load(live.dataset, live=False)
    try:
        change = compare(live.dataset, snapshot, live.fetch(snapshot, patience, step), live.rules)
        change.frame = live.finish(change.frame)
        conform(live.dataset, change.frame, resource["schema"])
    except LiveError:
        raise
    except Exception as error:  # a reader of a chapter is owed a sentence, not a traceback
        raise LiveError(
            "contract",
            f"The live {live.dataset} cannot be used ({type(error).__name__}: {error}).",
        ) from error
    if strict:
        gone = sorted(set(change.failed) - (over(snapshot) if change.failed else set()))
        if gone:
            raise LiveError("contract", f"{live.name} knows no {', '.join(gone)}.")
        if change.consent:
            raise LiveError("contract", change.consent[0])
    return change
