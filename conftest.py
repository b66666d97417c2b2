"""What every way of running the tests has in common; ``pyproject.toml`` says which there are."""

import os

import pytest

from shockbook.notebooks import ENVIRONMENT

for name, value in ENVIRONMENT.items():  # of the kernels too, which give the stored outputs then
    os.environ.setdefault(name, value)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """With ``-n`` a worker takes a whole file: the cells of a notebook share a kernel."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadscope"
        config.option.loadscopereorder = False  # else what is slow comes last
