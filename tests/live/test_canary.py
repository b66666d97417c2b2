"""The weekly workflow keeps one issue that says what broke; its steps run here with a false gh."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "live-canary.yml"
#: Writes its arguments down and answers a list with what the test put there.
GH = """#!/bin/sh
echo "$@" >> "$LOG"
case "$1 $2" in
*" list") printf '%s' "$OPEN" ;;
"repo view") echo true ;;
esac
"""


@pytest.fixture
def steps():
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert workflow[True]["schedule"] == [{"cron": "17 5 * * 1"}], "once a week"
    jobs = workflow["jobs"].values()
    return {step.get("name"): step for job in jobs for step in job["steps"]}


@pytest.fixture
def keep(steps, tmp_path):
    """keep(code, issue) runs the step and returns the calls of gh and the issue's text."""

    def run(code, issue=""):
        (tmp_path / "gh").write_text(GH)
        (tmp_path / "gh").chmod(0o755)
        (tmp_path / "live").mkdir(exist_ok=True)
        (tmp_path / "live" / "report.md").write_text("* FRED did not answer within 60 seconds.\n")
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "LOG": str(tmp_path / "log"),
            "OPEN": issue,
            "CODE": str(code),
            "RUN_URL": "https://example.org/run",
            "RUNNER_TEMP": str(tmp_path),
        }
        script = steps["Keep one issue"]["run"]
        shell = ["bash", "-e", "-o", "pipefail", "-c", script]
        subprocess.run(shell, env=environment, check=True, cwd=WORKFLOW.parents[2])
        return (tmp_path / "log").read_text().splitlines(), (tmp_path / "issue.md").read_text()

    return run


@pytest.mark.parametrize(
    ("code", "title"),
    [(1, "a fetch failed"), (2, "the contract broke"), (137, "the refresh stopped")],
)
def test_a_failure_opens_an_issue_that_says_what_broke(keep, code, title):
    calls, text = keep(code)
    created = [call for call in calls if call.startswith("issue create")]
    assert len(created) == 1 and f"--title Live data: {title} --label live-canary" in created[0]
    assert f"exit {code}" in text and "FRED did not answer" in text


def test_a_second_failure_opens_no_second_issue(keep):
    calls, _ = keep(2, issue="12")
    assert not [call for call in calls if call.startswith("issue create")]
    assert any(call.startswith("issue edit 12 --title Live data: the contract") for call in calls)
    assert any("--body-file" in call for call in calls)


def test_a_success_closes_the_issue_and_opens_none(keep):
    calls, _ = keep(0, issue="12")
    assert any(call.startswith("issue close 12") for call in calls)
    assert not [call for call in keep(0)[0] if call.startswith("issue create")]


def test_the_refresh_is_offered_only_after_a_good_dry_run(steps):
    assert steps["Refresh"]["if"] == "steps.dry.outputs.code == '0'"
    assert steps["Offer the refresh"]["if"] == "needs.look.outputs.changed == 'yes'"
    assert "--dry-run" not in steps["Refresh"]["run"]
    assert "--dry-run" in steps["Dry run"]["run"]
    assert "--accept-revisions" not in WORKFLOW.read_text(encoding="utf-8")
