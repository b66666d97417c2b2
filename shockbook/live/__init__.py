"""The live sources: fetch, check, compare, replace.  Only this room touches the network.

Importing it costs nothing; the network's libraries load when live data are asked for.
"""

from shockbook.live.faults import LiveError
from shockbook.live.quotes import prices
from shockbook.live.session import Banner, banner, forget, latest

__all__ = ["Banner", "LiveError", "banner", "forget", "latest", "prices"]
