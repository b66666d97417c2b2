"""The live sources: fill another folder from them, check it, and say where the data come from.

Only this part touches the network.  A folder that it fills is a :class:`shockbook.data.Package`
like any other.  Importing it costs nothing; the network's libraries load when they are needed.
"""

# ruff: noqa: F401  what others find here
from shockbook.live.faults import LiveError
from shockbook.live.session import Banner, Choice, banner, choose, forget
