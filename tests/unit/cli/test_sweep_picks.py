"""`refundpilot sweep` over some cases: filters as they are written, and the dry run that a person in front of it sees first."""

from __future__ import annotations

import io
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner, Result

from bot.catalogue import Catalogue, Language
from bot.cli import commands, swept
from bot.cli.commands import cli
from bot.cli.front import Front
from bot.cli.use_cases import UseCases
from bot.clock import SystemClock
from bot.config import HomeFiles, load_home
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.exits import ExitCode
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import DryRun, SweepResult, WouldDo
from bot.ports.wanted import Pick, Wanted
from tests.unit.cli.fakes import LOOKED, SHOP, FakeApp
from tests.unit.config.homes import spoil, trial_home


def would(number: int, verb: Verb, fen: int, barred: Reason | None = None) -> WouldDo:
    return WouldDo(
        case=f"{SHOP}/{number}",
        aftersale_id=str(number),
        verb=verb,
        amount_fen=fen,
        deadline=datetime(2026, 11, 28, 18, 0, tzinfo=SHANGHAI),
        why=Reason(code="would.observe"),
        barred=barred,
    )


class DryApp(FakeApp):
    """Looks first when it is asked to, and remembers everything in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Wanted]] = []
        self.looked = SweepResult(run_id="run-0", shops=(LOOKED,), report="", exit_code=ExitCode.HELD)
        self.would: tuple[WouldDo, ...] = (
            would(7, Verb.AGREE_REFUND, 20_000),
            would(8, Verb.REFUSE, 9_000),
            would(9, Verb.AGREE_REFUND, 500, Reason(code="brake.verb")),
        )

    async def dry_run(self, home: object, wanted: Wanted, progress: Progress, stop: StopSignal) -> DryRun:
        self.calls.append(("look", wanted))
        then = wanted.model_copy(update={"pick": Pick(ids=frozenset(one.case for one in self.would))})
        return DryRun(sweep=self.looked, would=self.would, then=then, exit_code=self.looked.exit_code)

    async def sweep(self, home: object, wanted: Wanted, *rest: object) -> SweepResult:  # type: ignore[override] # hands all on
        self.calls.append(("sweep", wanted))
        return await super().sweep(home, wanted, *rest)  # type: ignore[arg-type] # as above


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> DryApp:
    fake = DryApp()
    monkeypatch.setattr(commands, "use_cases", lambda: fake)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("REFUNDPILOT_HOME", raising=False)
    return fake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there."""
    monkeypatch.setattr(swept, "attended", lambda front: not front.as_json)


def call(home: Path, *words: object, says: str = "") -> Result:
    told = ["sweep", "--home", str(home), *map(str, words)]
    return CliRunner().invoke(cli, told, input=says, env={"COLUMNS": "160", "LC_ALL": "en_US.UTF-8"})


def picked(app: DryApp) -> Pick:
    return app.calls[-1][1].pick


def test_filters_are_passed_on_as_what_they_mean(app: DryApp, home: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("\ufeff# from the desk\n9138123\n\ntaobao/1001/9138124  # dear\n", encoding="utf-8")
    words = ("--scene", "keep_goods", "--scene", "发货前-自动仅退款", "--at-least", "10.00", "--at-most", "¥200")
    told = call(home, *words, "--deadline-before", "2026-11-28T18:00", "--ids", ids)
    assert told.exit_code == app.swept.exit_code, told.output
    assert picked(app) == Pick(
        ids=frozenset({"9138123", "taobao/1001/9138124"}),
        at_least=Money(1_000),
        at_most=Money(20_000),
        deadline_before=datetime(2026, 11, 28, 18, 0, tzinfo=SHANGHAI),
        scenes=frozenset({"keep_goods", "unshipped_refund"}),
    )


@pytest.mark.parametrize(
    ("text", "left"), [("90m", timedelta(minutes=90)), ("2h", timedelta(hours=2)), ("3d", timedelta(days=3))]
)
def test_stretch_of_time_counts_from_now(app: DryApp, home: Path, text: str, left: timedelta) -> None:
    call(home, "--deadline-before", text)
    until = picked(app).deadline_before
    assert until is not None
    assert abs(until - SystemClock().now() - left) < timedelta(minutes=1)


def test_moment_of_another_zone_is_turned_into_the_shops(app: DryApp, home: Path) -> None:
    call(home, "--deadline-before", "2026-11-28T10:00+00:00")
    assert picked(app).deadline_before == datetime(2026, 11, 28, 18, 0, tzinfo=SHANGHAI)


def test_ids_come_from_a_pipe_too(app: DryApp, home: Path) -> None:
    call(home, "--ids", "-", says="1\n2 # two\n")
    assert picked(app).ids == {"1", "2"}


SPREADSHEETS = {
    "heading": "\ufeff售后单号\r\n9138123\r\n9138124\r\n".encode(),
    "of a Chinese Windows": "# 今天的\r\n售后单号\r\n9138123\r\n9138124\r\n".encode("gb18030"),
    "UTF-16": "9138123\r\n9138124\r\n".encode("utf-16"),
    "empty cells": b"9138123,,\r\n,,\r\n9138124,\r\n",
    "quotes": b'"9138123"\r\n"9138124 "\r\n',
    "kept as text": b'="9138123"\r\n"=""9138124"""\r\n',
    "full width": "９１３８１２３\n９１３８１２４　＃两单\n".encode(),
    "marks that nobody sees": "\u200e9138123\u200b\n9138124\u00a0\n".encode(),
    "an old Mac": b"9138123\r9138124\r9138123",
}


@pytest.mark.parametrize("data", SPREADSHEETS.values(), ids=SPREADSHEETS.keys())
def test_ids_are_read_as_spreadsheets_and_editors_write_them(
    app: DryApp, home: Path, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "ids.csv").write_bytes(data)
    told = call(home, "--ids", tmp_path / "ids.csv")
    assert told.exit_code == app.swept.exit_code, told.output
    assert picked(app).ids == {"9138123", "9138124"}


WRONG = {
    "empty amount": (("--at-most", ""), "--at-most"),
    "empty least": (("--at-least", " "), "--at-least"),
    "empty moment": (("--deadline-before", ""), "--deadline-before"),
    "empty scene": (("--scene", ""), "scene"),
    "empty shop": (("--shop", ""), "shops in the settings"),
    "a second column": (("--ids", "{tmp}/two.csv"), "two.csv:2"),
    "rounded away": (("--ids", "{tmp}/rounded.csv"), "2.61267E+17"),
    "a heading further down": (("--ids", "{tmp}/late.csv"), "late.csv:2"),
    "a workbook": (("--ids", "{tmp}/book.xlsx"), "book.xlsx"),
    "no amount": (("--at-least", "1e3"), "--at-least"),
    "minus": (("--at-most", "-5"), "--at-most"),
    "empty range": (("--at-least", "20", "--at-most", "10"), "20.00"),
    "no moment": (("--deadline-before", "tomorrow"), "tomorrow"),
    "no such scene": (("--scene", "keep_good"), "keep_goods"),
    "no file": (("--ids", "{tmp}/none.txt"), "none.txt"),
    "bad line": (("--ids", "{tmp}/bad.txt"), "bad.txt:3"),
    "no id": (("--ids", "{tmp}/void.txt"), "void.txt"),
    "no text": (("--ids", "{tmp}/bytes.txt"), "bytes.txt"),
}


@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG.keys())
def test_filter_that_means_nothing_is_refused_before_a_browser_opens(
    app: DryApp, home: Path, tmp_path: Path, words: tuple[str, ...], named: str
) -> None:
    (tmp_path / "bad.txt").write_text("1\n# two\n3; drop\n", encoding="utf-8")
    (tmp_path / "void.txt").write_text("# nothing\n", encoding="utf-8")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "two.csv").write_text("售后单号,订单\n9138123,4515775\n", encoding="utf-8")
    (tmp_path / "rounded.csv").write_text("2.61267E+17\n", encoding="utf-8")
    (tmp_path / "late.csv").write_text("9138123\n售后单号\n", encoding="utf-8")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\x14\x00\x06\x00")
    told = call(home, *(word.format(tmp=tmp_path) for word in words))
    assert (told.exit_code, app.calls) == (ExitCode.CONFIG, [])
    assert named in told.stderr.replace("\n", "")
    assert "→" in told.stderr or "scene" in told.stderr


def test_ids_that_no_shop_has_are_told_at_the_end(app: DryApp, home: Path) -> None:
    app.swept = app.swept.model_copy(update={"not_found": ("77", "78")})
    told = call(home, "--ids", "-", says="1\n77\n78\n")
    assert "77, 78" in told.stderr.splitlines()[-1]


@pytest.mark.usefixtures("person")
def test_person_sees_what_would_be_done_and_after_a_yes_exactly_that_is_asked_for(app: DryApp, home: Path) -> None:
    told = call(home, "--posture", "act", says="y\n")
    assert [name for name, _ in app.calls] == ["look", "sweep"]
    assert app.calls[1][1] == Wanted(posture="act", pick=Pick(ids=frozenset(one.case for one in app.would)))
    assert "¥200.00" in told.stdout
    assert "does not allow the robot this" in " ".join(told.stdout.split())
    assert "2 cases" in told.stderr
    assert told.exit_code == app.swept.exit_code


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("answer", ["", "\n", "n\n", "maybe\n"])
def test_anything_but_yes_does_nothing(app: DryApp, home: Path, answer: str) -> None:
    told = call(home, "--posture", "act", says=answer)
    assert [name for name, _ in app.calls] == ["look"]
    assert "Nothing was done" in told.stderr


@pytest.mark.usefixtures("person")
def test_nobody_is_asked_for_a_yes_that_would_do_nothing(app: DryApp, home: Path) -> None:
    app.would = tuple(one.model_copy(update={"barred": Reason(code="brake.kill")}) for one in app.would)
    told = call(home, "--posture", "act", says="y\n")
    assert [name for name, _ in app.calls] == ["look"]
    assert ("[y/N]" in told.stderr, "Nothing was done" in told.stderr) == (False, True)


class HastyFront(Front):
    """At a real terminal, whose person answers `n` once the question stands there."""

    def __init__(self, keyboard: int) -> None:
        super().__init__(Catalogue(Language.EN), as_json=False)
        self._keyboard = keyboard

    def tell(self, code: str, **params: object) -> None:
        if code == "dry_run.ask":
            os.write(self._keyboard, b"n\n")


@pytest.mark.usefixtures("person")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty to play a terminal with")
def test_a_yes_that_was_typed_before_the_question_is_none(
    app: DryApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard, terminal = os.openpty()
    with os.fdopen(keyboard, "wb"), os.fdopen(terminal) as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        os.write(keyboard, b"y\n")
        wanted = Wanted(posture="act")
        swept.sweep(HastyFront(keyboard), cast("UseCases", app), load_home(home), wanted, swept.Asked())
    assert [name for name, _ in app.calls] == ["look"]


@pytest.mark.usefixtures("person")
def test_ctrl_c_at_the_question_does_nothing_and_says_so(
    app: DryApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(swept, "_said_yes", leave)
    told = call(home, "--posture", "act")
    assert [name for name, _ in app.calls] == ["look"]
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (ExitCode.INTERRUPTED, "Nothing was done.")


@pytest.mark.usefixtures("person")
def test_nobody_is_asked_where_nothing_would_be_done_or_the_look_broke_off(app: DryApp, home: Path) -> None:
    stopped = LOOKED.model_copy(update={"stopped": Reason(code="run.stopped")})
    for would_do, shop in (((), LOOKED), (app.would, stopped)):
        app.calls.clear()
        app.would, app.looked = would_do, app.looked.model_copy(update={"shops": (shop,)})
        call(home, "--posture", "act", says="y\n")
        assert [name for name, _ in app.calls] == ["look"]


def test_a_look_that_broke_off_does_not_say_that_nothing_would_be_done(app: DryApp, home: Path) -> None:
    stopped = LOOKED.model_copy(update={"stopped": Reason(code="run.stopped")})
    for shop, says in ((LOOKED, True), (stopped, False)):
        app.would, app.looked = (), app.looked.model_copy(update={"shops": (shop,)})
        assert ("Nothing would be done" in call(home, "--dry-run").stdout) is says


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    "words",
    [("--posture", "observe"), ("--posture", "propose"), ("--posture", "act", "--yes"), ("--posture", "act", "--json")],
)
def test_no_question_where_nothing_is_clicked_or_the_answer_is_given_already(
    app: DryApp, home: Path, words: tuple[str, ...]
) -> None:
    call(home, *words)
    assert [name for name, _ in app.calls] == ["sweep"]


def test_script_is_never_asked(app: DryApp, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(home, "--posture", "act")
    assert [name for name, _ in app.calls] == ["sweep"]


@pytest.mark.usefixtures("person")
def test_shops_own_posture_counts_where_none_is_named(app: DryApp, home: Path) -> None:
    call(home)
    assert [name for name, _ in app.calls] == ["sweep"]
    spoil(HomeFiles(home).settings, 'posture = "observe"', 'posture = "act"')
    call(home)
    assert [name for name, _ in app.calls] == ["sweep", "look"]


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_dry_run_only_shows_everywhere(app: DryApp, home: Path, words: tuple[str, ...]) -> None:
    told = call(home, "--posture", "act", "--dry-run", *words)
    assert [name for name, _ in app.calls] == ["look"]
    assert told.exit_code == app.looked.exit_code
    assert ("aftersale_id" in told.stdout) is bool(words)


def test_a_tape_of_a_dry_run_is_refused_before_anything_is_looked_at(app: DryApp, home: Path, tmp_path: Path) -> None:
    told = call(home, "--dry-run", "--tape", str(tmp_path / "new.tar.xz"))
    assert (told.exit_code, app.calls) == (ExitCode.CONFIG, [])
    assert "writes no tape" in told.stderr


@pytest.mark.usefixtures("person")
def test_who_wanted_a_tape_and_let_nothing_be_done_is_told_that_there_is_none(
    app: DryApp, home: Path, tmp_path: Path
) -> None:
    told = call(home, "--posture", "act", "--tape", str(tmp_path / "new.tar.xz"), says="n\n")
    assert [name for name, _ in app.calls] == ["look"]
    assert "No tape was written" in told.stderr


def test_long_list_is_cut_and_says_how_much_more_there_is() -> None:
    from rich.console import Console  # noqa: PLC0415 - drawn here alone

    many = tuple(would(number, Verb.REFUSE, 1_000) for number in range(swept.SHOWN + 5))
    looked = DryRun(
        sweep=SweepResult(run_id="", shops=(), report="", exit_code=ExitCode.DONE),
        would=many,
        then=Wanted(),
        exit_code=ExitCode.DONE,
    )
    out = io.StringIO()
    Console(file=out, width=160).print(swept.picture(looked, Catalogue(Language.EN)))
    assert "5 more" in out.getvalue()
    assert "¥450.00" in out.getvalue(), "the sums count all"
