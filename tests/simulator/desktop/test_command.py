"""Claims about the command line where no window can stand: one clear line, exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from simulator.desktop.__main__ import main
from simulator.desktop.traps import TRAPS

WITHOUT_TK = "import sys; sys.modules['tkinter'] = None; from simulator.desktop.__main__ import main; sys.exit(main())"
WHERE = ["--url", "http://127.0.0.1:9"]


def test_a_pc_without_tkinter_is_told_the_cure_in_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_TK, *WHERE], capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "apt-get install python3-tk" in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_pc_without_a_screen_is_told_so_in_one_line() -> None:
    pytest.importorskip("tkinter", reason="tkinter is missing", exc_type=ImportError)
    env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-m", "simulator.desktop", *WHERE]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", env=env, check=False)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "xvfb-run" in ended.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["--trap", "no_such"],
        ["--traps", "2"],
        ["--trap", "signed_out=x"],
        ["--at", "5"],
        ["--scale", "3"],
        ["--traps", "0.1", "--trap", TRAPS[0]],
    ],
    ids=" ".join,
)
def test_strange_arguments_are_refused_before_anything_opens(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*WHERE, *wrong])
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
