"""``python -m shockbook``: the commands of the book."""

import argparse
import os
import sys
from importlib import import_module

try:
    #: Modules with ``add_parser(commands)``, which sets ``run(options) -> exit status``.
    COMMANDS = [
        import_module(f"shockbook.{name}")
        for name in (
            "check", "notebooks", "references", "corrections", "live.refresh",
            "teach.student", "teach.slides", "teach.grade", "teach.colab", "event_book",
            "ledger_book", "new_event", "site.pdf",
        )
    ]  # fmt: skip
    from shockbook.book import BookError
    from shockbook.data import DataError
    from shockbook.event import EventError
    from shockbook.live.refresh import INTERRUPTED
    from shockbook.new_event import joined
    from shockbook.notebooks import NotebookError
    from shockbook.teach.student import StudentError
except ModuleNotFoundError as error:
    if str(error.name).startswith("shockbook"):
        raise
    sys.exit(
        f"{error.name} is not installed: shockbook.study and shockbook.cost do without, for the "
        "commands run `make book` in a copy of the repository, where the data are too"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a known fault is one sentence on stderr and a status that is not 0."""
    parser = argparse.ArgumentParser(prog="python -m shockbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in COMMANDS:
        module.add_parser(commands)
    options = parser.parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    try:
        return options.run(options)
    except (BookError, DataError, EventError, NotebookError, StudentError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    status = main()
    if status == INTERRUPTED:  # at once: what still waits for an answer is not wanted
        sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
