"""Claims on the day's report and on tidying up a home, at the command line and as use cases."""

from __future__ import annotations

import asyncio
import json
import os
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import cast

import openpyxl
import pytest
from markupsafe import escape
from playwright.async_api import Browser
from rich.console import Console
from typer.testing import CliRunner

from bot.alerts import log
from bot.app import tidying
from bot.app.days import MAIL_AGAIN_S, daily_mail, day_view, written
from bot.app.service import chores
from bot.app.tidying import retain
from bot.app.tidying import tidy as tidy_home
from bot.app.wiring import open_house
from bot.catalogue import Catalogue, Language
from bot.catalogue.load import texts
from bot.cli.commands import cli
from bot.cli.days import day_picture
from bot.config import Home, HomeFiles, load_home, write_home
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.evidence import EvidenceKind
from bot.ledger import SqlLedger, SqlReader
from bot.ports.alarms import Subject
from bot.ports.figures import Span
from bot.ports.notifier import Alarm, Urgency
from bot.ports.status import Cause, MissedRun
from bot.report.daily import View, page
from tests.unit.alerts.places import PostOffice, post_office
from tests.unit.config.homes import spoil
from tests.unit.config.test_channels import home_with
from tests.unit.ledger.story import BUYER, RUN, SHOP, START, WHY, CountingIds, StandingClock, key, refuse, story_at
from tests.unit.report.runs import png
from tests.unit.report.test_browser import opened

DAY = START.date()
CLI = CliRunner()
EVIL = "<script>alert(1)</script>13812345678"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A refund, a refusal that stands, and two holds, one of them in a hostile page's words."""
    files = HomeFiles(tmp_path / "home")
    write_home(files.root)
    story = story_at(files.ledger)
    story.whole(1)
    story.judge(2)
    story.settle(story.send(2, action=refuse(())), 0)
    for number, hours in ((3, 8), (4, 2)):
        story.judge(number)
        spoken = Reason(code="list.unreadable", params={"raw": f"{BUYER} {EVIL}"})
        until = START + timedelta(hours=hours)
        story.ledger.hold(RUN, story.hold(number).model_copy(update={"reasons": (spoken,), "deadline": until}))
    story.ledger.close()
    return load_home(files.root, with_logins=False)


def view_of(home: Home) -> View:
    with SqlReader(home.files.ledger) as reader:
        return day_view(home, reader, Span.of(DAY), START)


def in_language(home: Home, language: Language) -> str:
    return page(View(view_of(home).day, Catalogue(language)), "day.xlsx")


@pytest.mark.parametrize("language", list(Language))
def test_the_page_says_all_of_it_in_one_language(home: Home, language: Language) -> None:
    told, words = in_language(home, language), texts(language)
    for key_ in ("tile.agreed", "tile.risk", "beside.intercept", "needs", "plot.by_day", "plot.load", "shops", "how"):
        assert str(escape(words[f"daily.{key_}"])) in told
    assert "[daily." not in told
    assert told.count("¥10.00") >= 2


def test_what_needs_a_person_is_told_by_urgency_and_strangers_words_are_harmless(home: Home) -> None:
    told = in_language(home, Language.EN)
    assert told.index(">a4<") < told.index(">a3<")
    assert "<script>alert" not in told
    assert "13812345678" not in told
    assert BUYER not in told


def test_each_drawing_is_also_a_sentence_and_a_table(home: Home) -> None:
    for drawing in view_of(home).drawings:
        if not drawing.empty:
            assert drawing.alt
            assert len(drawing.rows) >= 1
            assert all(len(row) == len(drawing.head) for row in drawing.rows)
    assert in_language(home, Language.EN).count('role="img" aria-label="') == sum(
        not one.empty for one in view_of(home).drawings
    )


def happened(home: Home, days: int = 0) -> None:
    """Two calls with a deadline, one of them answered in time, and a stretch of missed runs, so many days from the day of the report."""
    clock = StandingClock(START + timedelta(days=days))
    with SqlLedger(home.files.ledger, clock, CountingIds("h")) as ledger:
        for case in ("a1", "a2"):
            reason = Reason(code="hold.near", params={})
            until = clock.now() + timedelta(hours=2)
            call = Alarm(urgency=Urgency.CALL, shop=SHOP, reason=reason, case_id=f"{case}-{days}", deadline=until)
            ledger.raise_alarm(call, Subject(f"{case}-{days}", timedelta(hours=1)))
        ledger.acknowledge_alarms(ledger.open_alarms()[-1].number, "somebody")
        at = {"first": clock.now(), "last": clock.now() + timedelta(hours=2)}
        ledger.missed(MissedRun(duty="sweep taobao/s1", count=24, cause=Cause.ASLEEP, **at))


def test_alarms_and_missed_runs_of_the_day_stand_on_the_page_and_no_others(home: Home) -> None:
    for days in (-1, 0, 1):
        happened(home, days)
    view = view_of(home)
    assert [line.tone for line in view.alarms] == ["call"]
    (missed,) = view.missed_runs
    assert "24" in missed.note
    told = view.day.bulletin
    assert (len(told.alarms), told.called, told.acknowledged) == (2, 2, 1)


def test_the_workbook_has_no_formula_and_no_word_that_becomes_one(home: Home) -> None:
    told = written(home, view_of(home))
    with zipfile.ZipFile(told.workbook) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 5
    assert not any("<f>" in sheet for sheet in sheets)


def test_days_deadlines_and_sums_of_the_workbook_can_be_reckoned_with(home: Home) -> None:
    told = written(home, view_of(home))
    days = openpyxl.load_workbook(told.workbook).worksheets[1]
    rows = list(days.iter_rows(min_row=2, values_only=True))
    assert rows
    assert all(isinstance(row[0], datetime) for row in rows), "a day is a date, not a text"
    assert [(day.date(), fen) for day, *_, fen in rows] == [
        (one.day, tally.fen / 100) for one in told.figures.days for tally in one.by.values()
    ]


@pytest.mark.parametrize(
    ("ago", "days"),
    [(None, [1]), (0, [1]), (1, [1]), (3, [3, 2, 1]), (60, [7, 6, 5, 4, 3, 2, 1])],
)
async def test_days_on_which_nobody_reported_are_reported_with_the_next_one(
    home: Home, ago: int | None, days: list[int]
) -> None:
    clock = StandingClock(START - timedelta(days=ago or 0))
    with open_house(home, clock) as house:
        if ago is not None:
            house.ledger.duty_done("report", clock.now())
        clock.at = START
        await chores.report_days(house)
    wanted = [f"day-{DAY - timedelta(days=day):%Y%m%d}.html" for day in days]
    assert sorted(file.name for file in home.files.reports.glob("day-*.html")) == wanted


@dataclass
class MendingClock(StandingClock):
    """The mail server is mended while somebody sleeps for the second time, if it is at all."""

    office: PostOffice = field(default_factory=PostOffice)
    mends: bool = True
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.mends and len(self.slept) == 2:
            self.office.refuses = ""


@pytest.mark.parametrize("mends", [True, False])
async def test_a_mail_that_fails_is_tried_again_before_it_is_told(tmp_path: Path, *, mends: bool) -> None:
    async with post_office() as office:
        office.refuses = "MAIL"
        said = f'\n[[channel]]\nname = "post"\nkind = "mail"\nurl = "{office.url}"\nsender = "a@b.example"\nto = ["c@b.example"]\n'
        root = home_with(tmp_path, said, "")
        spoil(root / "refundpilot.toml", "report_by = []", 'report_by = ["post"]')
        clock = MendingClock(office=office, mends=mends)
        with open_house(load_home(root), clock) as house:
            await chores.report_days(house)
            told = [entry.alarm.reason.code for entry in house.notifier.open()]
    for letter in cast("list[EmailMessage]", office.letters):
        assert letter["Date"].datetime == START
        assert re.fullmatch(r"<day-[0-9a-f]{32}@refundpilot\.invalid>", letter["Message-ID"])
    assert (len(office.letters), told) == ((1, []) if mends else (0, ["daily.not_mailed"]))
    assert [pause for pause in clock.slept if pause] == list(MAIL_AGAIN_S)[: 2 if mends else 3]


def test_a_mail_has_the_numbers_in_it_and_the_files_with_it(home: Home) -> None:
    view = view_of(home)
    mail = daily_mail(view, written(home, view))
    assert [file.name for file in mail.attachments] == ["day-20260309.html", "day-20260309.xlsx"]
    assert mail.attachments[0].data.startswith(b"<!doctype html>")
    assert "¥10.00" in mail.subject
    assert "a4" in mail.html
    assert "<script" not in mail.html


def test_a_workbook_that_somebody_has_open_keeps_nobody_from_the_days_report(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, replace = view_of(home), Path.replace
    first = written(home, view)

    def held_open(part: Path, target: Path) -> Path:
        """As Windows does it while Excel shows the file."""
        if str(target) == first.workbook:
            raise PermissionError(13, "in use", str(target))
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", held_open)
    again = written(home, view)
    assert (again.report, Path(again.workbook).name) == (first.report, "day-20260309-2.xlsx")
    assert "day-20260309-2.xlsx" in Path(again.report).read_text(encoding="utf-8")
    assert [file.name for file in daily_mail(view, again).attachments] == ["day-20260309.html", "day-20260309-2.xlsx"]
    assert not list(home.files.reports.glob("*.part"))


def test_the_command_writes_page_and_workbook_and_prints_the_sums(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    words = ["report", "--home", str(home.path), "--day", DAY.isoformat(), "--days", "2", "--out", str(out), "--json"]
    told = json.loads(CLI.invoke(cli, words).stdout)
    assert told["figures"]["whole"]["moved"]["refunds"] == {"cases": 1, "fen": 1_000}
    assert told["figures"]["whole"]["saved"]["refused"] == {"cases": 1, "fen": 1_000}
    assert len(told["held"]) == 2
    assert "buyer" not in told["held"][0]
    assert BUYER not in json.dumps(told, ensure_ascii=False)
    assert sorted(file.name for file in out.iterdir()) == ["day-20260308-20260309.html", "day-20260308-20260309.xlsx"]


def test_a_day_that_is_none_is_told_in_words(home: Home) -> None:
    told = CLI.invoke(cli, ["report", "--home", str(home.path), "--day", "yesterday", "--json"])
    assert (told.exit_code, json.loads(told.stdout)["error"]) == (2, "cli.not_a_day")


def test_a_home_without_a_ledger_has_a_report_of_nothing(tmp_path: Path) -> None:
    write_home(tmp_path / "new")
    told = CLI.invoke(cli, ["report", "--home", str(tmp_path / "new"), "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["figures"]["whole"]["at_risk"] == [{"cases": 0, "fen": 0}] * 6


def aged(path: Path, at: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix:
        path.write_bytes(b"x")
    else:
        path.mkdir()
        (path / "page.html").write_bytes(b"x")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def left(home: Home, at: datetime) -> tuple[list[Path], list[Path]]:
    """What has to go, and what has to stay, a month later."""
    old, fresh = at, at + timedelta(days=20)
    gone = [
        aged(home.path / "failures" / "run-1", old),
        aged(home.files.reports / "sweep-1.html", old),
        aged(home.files.reports / "sweep-1.xlsx", old),
        aged(home.files.logs / "refundpilot-20260309.jsonl", old),
    ]
    stays = [
        aged(home.path / "failures" / "run-2", fresh),
        aged(home.files.reports / "sweep-2.html", fresh),
        aged(home.files.reports / "day-20260309.html", old),
        aged(home.files.logs / "refundpilot-20260329.jsonl", fresh),
        aged(home.path / "tapes" / "one.tar.xz", old),
        aged(home.files.inbox / "o1" / "mine.png", old),
    ]
    lines = [json.dumps({"at": moment.isoformat()}) + "\n" for moment in (old, fresh)]
    (home.files.logs / "alarms.jsonl").write_text("".join(lines), encoding="utf-8")
    return gone, stays


def test_what_is_over_its_time_goes_from_the_home_and_the_rest_stays(home: Home) -> None:
    clock = StandingClock()
    with open_house(home, clock) as house:
        ended, held = (
            house.evidence.put(png(colour), EvidenceKind.BEFORE, "case") for colour in ("#111111", "#222222")
        )
        house.ledger.keep(RUN, key(1), ended)
        house.ledger.keep(RUN, key(3), held)
        gone, stays = left(home, clock.now())
        clock.pass_s(31 * 24 * 3600)
        told = retain(house, clock.now())
        assert [path for path in gone if path.exists()] == []
        assert [path for path in stays if not path.exists()] == []
        kept = {file.stem for file in home.files.evidence.rglob("*.png")}
    assert kept == {held.sha256}
    assert (told.pictures, told.bundles, told.reports, told.logs, told.alarms, told.kept) == (1, 1, 2, 1, 1, 3)
    assert len((home.files.logs / "alarms.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_no_alarm_is_written_while_the_file_of_alarms_is_tidied_and_none_is_tidied_while_one_is_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, file = StandingClock(), home.files.logs / "alarms.jsonl"
    monkeypatch.setattr(log, "PATIENCE_S", 0.0)
    alone: list[bool] = []
    real = tidying.write_file

    def watched(path: Path, data: bytes) -> None:
        with log.alone_with(path) as had:
            alone.append(had)
        real(path, data)

    monkeypatch.setattr(tidying, "write_file", watched)
    with open_house(home, clock) as house:
        left(home, clock.now())
        clock.pass_s(31 * 24 * 3600)
        with log.alone_with(file):
            assert retain(house, clock.now()).alarms == 0
        assert retain(house, clock.now()).alarms == 1
        assert alone == [False]
        house.notifier.notify(Alarm(urgency=Urgency.INFO, shop=SHOP, reason=WHY))
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_a_dry_run_changes_nothing_and_counts_the_same(home: Home) -> None:
    ago = datetime.now(SHANGHAI) - timedelta(days=31)
    gone, _ = left(home, ago)
    before = home.files.ledger.read_bytes()
    told = asyncio.run(tidy_home(home, dry_run=True))
    assert all(path.exists() for path in gone)
    assert home.files.ledger.read_bytes() == before
    done = asyncio.run(tidy_home(home, dry_run=False))
    assert done.model_copy(update={"dry_run": True}) == told
    assert told.payloads > 0


def test_the_terminal_tells_how_long_it_took_as_the_page_does(home: Home) -> None:
    told, say, out = written(home, view_of(home)), Catalogue(Language.EN), StringIO()
    whole = told.figures.whole
    slow = whole.model_copy(update={"to_act": whole.to_act.model_copy(update={"p95_s": 386_369})})
    figures = told.figures.model_copy(update={"whole": slow})
    Console(file=out).print(day_picture(told.model_copy(update={"figures": figures}), say))
    assert "4.5 d" in out.getvalue()


def test_both_commands_have_words(home: Home) -> None:
    for words in (["report", "--day", "2026-03-09"], ["tidy", "--dry-run"]):
        told = CLI.invoke(cli, [*words, "--home", str(home.path)])
        assert (told.exit_code, "[cli." in told.stdout) == (0, False)


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_page_asks_for_nothing_and_nothing_runs_out_of_it(
    bare_browser: Browser, home: Home, width: int
) -> None:
    told = written(home, view_of(home))
    async with opened(bare_browser, Path(told.report)) as seen:
        await seen.page.set_viewport_size({"width": width, "height": 900})
        assert await seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert (seen.requests, seen.troubles) == ([], [])
        assert await seen.page.locator("svg.plot rect").count() > 0
