"""The record of a long run: what it says, and that a run that failed leaves the old one."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / "benchmarks" / "soak.py"


@pytest.fixture(scope="module")
def soak():
    spec = importlib.util.spec_from_file_location("soak", HERE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def step(code):
    return [sys.executable, "-c", code]


GOOD = step("import os; assert os.environ['SOAK'] == '1'; print('1283 passed, 1 skipped in 9.1s')")


def test_a_good_run_is_recorded(soak, tmp_path):
    record = tmp_path / "soak.json"
    assert soak.run([GOOD], record) == 0
    written = json.loads(record.read_text())
    assert written["result"] == "1,283 passed, 1 skipped"
    assert set(written) == {"date", "minutes", "result"}


@pytest.mark.parametrize(
    "steps, status",
    [
        ([step("raise SystemExit(3)"), GOOD], 3),
        ([GOOD, step("print('2 failed, 9 passed in 1s'); raise SystemExit(1)")], 1),
        ([step("print('no tests ran in 0.1s')")], 1),
    ],
)
def test_any_other_run_leaves_the_record(soak, tmp_path, steps, status):
    record = tmp_path / "soak.json"
    record.write_text("old")
    assert soak.run(steps, record) == status
    assert record.read_text() == "old"


def test_the_page_and_the_command_mean_one_file(soak):
    from shockbook.site import status

    assert HERE.parents[1] / status.SOAK == soak.RECORD
