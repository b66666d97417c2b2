"""A folder of data that describes itself: find, verify, read, validate and replace its tables.

A :class:`Package` is a folder with a ``datapackage.json`` (a Frictionless Data Package).  Nothing
here knows where a folder came from; only :func:`snapshot` knows the one that the book keeps.
"""

# ruff: noqa: F401  what others find here
from shockbook.data.files import write_whole
from shockbook.data.package import NOT_STATED, READ, DataError, Package, snapshot
