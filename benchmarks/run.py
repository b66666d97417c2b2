"""Run every benchmark of this folder; ``make bench`` calls it.  Each prints a table of ratios."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all: ``study`` means ``bench_study.py``."""
    every = {p.stem.removeprefix("bench_"): p for p in sorted(HERE.glob("bench_*.py"))}
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"no benchmark is called {unknown[0]}: there are {', '.join(every)}", file=sys.stderr)
        return 1
    for name in names or every:
        spec = importlib.util.spec_from_file_location(f"bench_{name}", every[name])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
