"""Where live answers are kept on the reader's machine."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import platformdirs

#: An answer from the cache is taken for this long.
FRESH = dt.timedelta(hours=24)


def cache_folder() -> Path:
    """The user's cache folder of this package; ``SHOCKBOOK_CACHE`` overrides it."""
    folder = Path(os.environ.get("SHOCKBOOK_CACHE") or platformdirs.user_cache_dir("shockbook"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
