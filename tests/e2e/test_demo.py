"""`refundpilot demo` as a process of its own, the way a newcomer starts it: simulator, browser, sweep, judge, report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

LIMIT_S = 600
PROMISED = {"cases", "effects", "mismatches", "held", "verbs", "report", "seconds"}


def test_demo_agrees_with_its_simulator_and_prints_one_json_object(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--cases", "10", "--json"]
    there = {name: str(tmp_path) for name in ("TMPDIR", "TEMP", "TMP")}
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **there}, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert set(told) >= PROMISED
    assert told["cases"] == 10
    assert told["mismatches"] == 0
    assert told["effects"] == sum(told["verbs"].values()) > 0
    assert Path(told["report"]).is_file()
    assert Path(told["report"]).is_relative_to(tmp_path), "its home is in the temporary folder"
