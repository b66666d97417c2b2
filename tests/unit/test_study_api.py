"""The page of the library: its recipe runs, and it leaves nothing public out."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
from study_panel import panel

from shockbook import cost, study

PAGE = (Path(__file__).parents[2] / "chapters" / "api.md").read_text("utf-8")


def test_ones_own_csv_in_ten_lines(tmp_path, monkeypatch, capsys):
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len(recipe.splitlines()) <= 10
    prices = panel()[["A", "SPY"]].set_axis(["FIRM", "MARKET"], axis=1)
    prices.rename_axis("date").to_csv(tmp_path / "prices.csv")
    monkeypatch.chdir(tmp_path)
    left = {}
    exec(recipe, left)  # as a reader would run it
    spec = study.PRIMARY.but(estimation=(-120, -21))
    right = study.event_study(study.returns(panel()), "2024-07-15", spec, "A")
    np.testing.assert_allclose(left["result"].to_frame(), right.to_frame(), rtol=1e-9)
    said = capsys.readouterr().out
    assert "EventStudy 2024-07-15" in said and "smallest p" in said and "portfolio" in said
    assert isinstance(left["prices"], pd.DataFrame)


def test_nothing_public_is_left_out():
    listed = set(re.findall(r"[A-Za-z_]+", PAGE.split("## Event studies")[1]))
    for package in (study, cost):
        for name, thing in vars(package).items():
            if inspect.isfunction(thing) or inspect.isclass(thing):
                assert name in listed and inspect.getdoc(thing), name
