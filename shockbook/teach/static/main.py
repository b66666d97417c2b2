"""``python -m shockbook new-event``: the one command that an exercise of this edition asks for."""

import argparse
import sys

from shockbook import new_event
from shockbook.data import DataError
from shockbook.event import EventError

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m shockbook", description=__doc__)
    new_event.add_parser(parser.add_subparsers(required=True, metavar="command"))
    options = parser.parse_args(new_event.joined(sys.argv[1:]))
    try:
        sys.exit(options.run(options))
    except (DataError, EventError) as error:
        sys.exit(str(error))
