"""Claims on the office over a home: what is shown, what is handed to the robot, what is written down, lists by keyset."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.alerts.subjects import subject_of
from bot.app import office
from bot.app.office_acts import Acts
from bot.app.office_books import budget_lines
from bot.catalogue import Catalogue, Language
from bot.config import load_home
from bot.config.lastgood import keep_last_good
from bot.console.files import Dossier
from bot.console.tray import face_of
from bot.domain.base import SHANGHAI
from bot.domain.decision import SEVERAL, Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.errors import CaseError, PageError, Stopped
from bot.ledger import SqlLedger
from bot.ledger.chain import Anchor
from bot.ledger.events import Kind
from bot.ledger.office import OfficeLedger, OfficeReader
from bot.ports.alarms import Sending, Subject
from bot.ports.ledger import BudgetLine
from bot.ports.notifier import Alarm, Urgency
from bot.ports.office_views import CaseFilter
from bot.ports.status import Cause, MissedRun
from bot.ports.tray import Tone
from bot.ports.wanted import Pick, Wanted
from tests.unit.app.offices import LI, SAY, TWO, WANG, Told, base, put, text_of, told
from tests.unit.config.homes import spoil
from tests.unit.ledger.story import BUYER, RUN, SHOP, START, CountingIds, StandingClock, row, snapshot, story_at


@pytest.mark.parametrize(
    ("error", "told"), [(PageError("the list is gone"), ["office.errand_failed"]), (Stopped("the kill switch"), [])]
)
async def test_an_errand_that_fails_is_an_alarm_unless_somebody_stopped_it(
    home: Told, error: Exception, told: list[str]
) -> None:
    home.service.fails = error
    assert (await home.office.sweep(Wanted(), WANG)).told.code == "office.sweep_asked"
    await asyncio.sleep(0)
    assert [one.code for one in home.service.alarms] == told
    assert all("Wang" in SAY.text(one) for one in home.service.alarms)


@pytest.mark.parametrize(
    ("language", "duty", "told"),
    [
        ("zh", "sweep taobao/s1", "巡检 taobao/s1：11-22 09:00 至 11-22 09:00 漏掉 2 次，服务没有运行"),
        ("zh", "audit", "审计：11-22 09:00 至 11-22 09:00 漏掉 2 次，服务没有运行"),
        ("en", "audit", "audit: 2 runs missed between 11-22 09:00 and 11-22 09:00, no service was running"),
    ],
)
def test_a_missed_run_is_named_in_the_readers_language(language: str, duty: str, told: str) -> None:
    at = datetime(2026, 11, 22, 9, tzinfo=SHANGHAI)
    run = MissedRun(duty=duty, count=2, first=at, last=at, cause=Cause.DOWN)
    assert Catalogue(language).text(run.told()) == told


def test_the_call_for_missed_runs_names_them_in_the_readers_language() -> None:
    told = {
        "duties": SEVERAL.join(("sweep taobao/s1", "audit")),
        "count": "3",
        "first": "11-22 09:00",
        "last": "11-22 09:10",
    }
    assert "（巡检 taobao/s1、审计）" in Catalogue("zh").text(Reason(code="missed.asleep", params=told))


def test_who_ended_a_sign_in_is_written_down_and_only_a_running_service_can(tmp_path: Path, home: Told) -> None:
    shop = snapshot(1).key.shop
    assert home.office.end_sign_in(shop, WANG).told.code == "office.sign_in_ended"
    assert home.service.ended == [shop]
    assert [(one.by, one.facts["did"]) for one in home.office.doings(5)] == [("Wang", "ended_sign_in")]
    with told(tmp_path / "alone", serves=False) as alone:
        assert alone.office.end_sign_in(shop, WANG).kind == "unavailable"
        assert alone.office.doings(5) == ()


@pytest.mark.parametrize(("anew", "did"), [(True, "asked_sign_in"), (False, "asked_check")])
async def test_a_shop_is_entered_at_once_without_a_case_being_touched(
    tmp_path: Path, home: Told, did: str, *, anew: bool
) -> None:
    assert (await home.office.enter(SHOP, WANG, anew=anew)).kind == "done"
    await asyncio.sleep(0)
    assert home.service.asked == [Wanted(shop=SHOP, posture="observe", pick=Pick(ids=frozenset()))]
    assert home.service.ended == ([SHOP] if anew else [])
    assert [(one.by, one.facts["did"]) for one in home.office.doings(5)] == [("Wang", did)]
    home.office.stop(WANG)
    assert (await home.office.enter(SHOP, WANG, anew=anew)).told.code == "brake.kill"
    assert len(home.service.asked) == 1
    with told(tmp_path / "alone", serves=False) as alone:
        assert (await alone.office.enter(SHOP, WANG, anew=anew)).kind == "unavailable"


def test_a_shops_budget_is_shown_before_anything_was_spent_and_once_when_it_was(home: Told) -> None:
    settings = load_home(home.home)
    (shop,) = settings.settings.shop

    def shown(*moved: BudgetLine) -> list[tuple[str, int, bool]]:
        reader = cast("OfficeReader", SimpleNamespace(budgets=lambda _: moved))
        lines = (view.line for view in budget_lines(reader, settings, "2026-11-22"))
        return [(one.shop, one.posted_fen, bool(one.cap_fen)) for one in lines]

    assert shown() == [(str(shop.key), 0, True)]
    assert shown(BudgetLine("2026-11-22", shop.key, "shop", Money(900), ZERO)) == [(str(shop.key), 900, True)]


def test_stopping_and_going_on_are_written_down_once(home: Told) -> None:
    assert home.office.stop(WANG).told.code == "office.stopped"
    assert home.office.stop(WANG).told.code == "office.was_stopped"
    assert home.office.stopped()
    home.office.resume(LI)
    assert not home.office.stopped()
    assert [one.facts["did"] for one in home.office.doings(9)] == ["resumed", "stopped"]


def test_stopping_works_where_the_ledger_cannot_be_written(home: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise CaseError("no disk")

    acts = home.office._acts
    assert isinstance(acts, Acts)
    monkeypatch.setattr(acts._ledger, "did", broken)
    with pytest.raises(CaseError):
        home.office.stop(WANG)
    assert home.office.stopped()


def test_a_look_at_a_buyers_data_is_in_the_chain_without_anybodys_name(home: Told) -> None:
    home.story.judge(1)
    home.office.unmask(snapshot(1).key, WANG, "the buyer calls")
    file = home.office.case(snapshot(1).key)
    assert file is not None
    looked = file.events[-1]
    assert (looked.kind, looked.by, looked.why) == ("office.did", "Wang", "the buyer calls")
    assert "Wang" not in str(looked.facts)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_event_has_words_in_both_languages(kind: Kind, language: Language) -> None:
    assert Catalogue(language).has(f"console.event.{kind}")


@pytest.mark.parametrize("language", Language)
def test_a_cases_story_says_who_decided_and_who_answered_an_alarm_and_why(then: Told, language: Language) -> None:
    ledger, case = then.story.ledger, snapshot(1).key
    then.story.judge(1)
    then.story.decide(by="Li", approved_by="Chen", why="a regular")
    alarm = Alarm(urgency=Urgency.CALL, shop=SHOP, reason=Reason(code="hand.not_done"), case_id=case.aftersale_id)
    ledger.raise_alarm(alarm, Subject("a1", timedelta()))
    ledger.sent_alarms([1], Sending(at=START, message="m", rung=1, channel="wecom", ok=True))
    ledger.acknowledge_alarms(1, "Wang", "I look after it")
    file, say = then.office.case(case), Catalogue(language)
    assert file is not None
    moments = list(Dossier.of(file, say, START).moments)
    assert [one.what for one in moments[:4]] == [
        say.text_of(f"console.event.{kind}")
        for kind in ("alarm.acknowledged", "alarm.escalated", "alarm.raised", "case.hand")
    ]
    assert (moments[0].by, moments[3].by) == ("Wang I look after it", "Li, Chen a regular")
    ledger.erase_buyer(SHOP, BUYER)
    file = then.office.case(case)
    assert file is not None
    told = next(one for one in Dossier.of(file, say, START).moments if one.what == moments[3].what)
    assert told.by == "Li, Chen", "the why goes with the buyer"


async def test_the_audit_holds_after_all_that_people_do(home: Told) -> None:
    home.held()
    home.held(2, code="settle.unknown")
    await home.decide()
    await home.decide(number=2)
    home.office.unmask(snapshot(1).key, WANG, "why")
    home.office.stop(WANG)
    home.office.resume(LI)
    home.office.save_policy(TWO, base(home), LI, "less", Money(0))
    home.story.ledger.set_breaker(SHOP, "odd amounts")
    assert home.office.close_breaker(SHOP, WANG).told.code == "office.breaker_closed"
    seq, head = home.office.head()
    view = home.office.audit((seq, head))
    assert [name for name, breaches in view.checks if breaches] == []
    assert home.office.audit((seq, "0" * 64)).ok is False
    assert Anchor(seq, head) == home.story.ledger.head()


@pytest.mark.parametrize("code", ["brake.breaker", "service.breaker"])
async def test_a_breaker_that_a_person_closed_rings_nobody_any_more(home: Told, code: str) -> None:
    elsewhere = ShopKey(platform=SHOP.platform, shop_id="elsewhere")
    for shop in (SHOP, elsewhere):
        alarm = Alarm(urgency=Urgency.CALL, shop=shop, reason=Reason(code=code, params={"detail": "page"}))
        assert home.story.ledger.raise_alarm(alarm, subject_of(alarm))
    home.story.ledger.set_breaker(SHOP, "page")
    home.office.close_breaker(SHOP, WANG)
    assert [one.alarm.shop for one in home.story.ledger.open_alarms()] == [elsewhere]


def test_pages_of_a_list_have_each_case_once_also_where_deadlines_are_the_same_or_missing(tmp_path: Path) -> None:
    story = story_at(tmp_path / "l.db")
    deadlines = [START + timedelta(hours=n % 3) if n % 4 else None for n in range(40)]
    story.ledger.saw(RUN, [row(n, deadline_at=deadlines[n], amount=Money(100 * n)) for n in range(40)])
    reader = OfficeReader(tmp_path / "l.db")
    seen, after = [], ""
    while True:
        page = reader.page(CaseFilter(), after, 7)
        seen += page.rows
        if not (after := page.following):
            break
    assert len(seen) == len({one.case for one in seen}) == 40
    known = [one.deadline for one in seen if one.deadline]
    assert known == sorted(known)
    assert all(one.deadline is None for one in seen[len(known) :])
    assert reader.total(CaseFilter(least=Money(1_000), most=Money(1_200))) == (3, Money(3_300))
    assert reader.page(CaseFilter(), "no cursor of ours", 7).rows == tuple(seen[:7])
    assert reader.page(CaseFilter(text="o7"), "", 7).rows == tuple(one for one in seen if one.order_id == "o7")
    reader.close()
    story.ledger.close()


def test_proposals_unknown_outcomes_and_other_holds_are_told_apart(home: Told) -> None:
    for number, code in enumerate(
        ("would.propose", "would.earning", "settle.unknown", "error.page.unreadable"), start=1
    ):
        home.held(number, code)
    day = home.office.day()
    assert (day.proposals, day.unknown, day.holds) == (2, 1, 1)
    assert (day.at_risk, day.at_risk_cases) == (Money(4_000), 4)
    shown = home.office.cases(CaseFilter(status=CaseStatus.HELD, proposals=True), "", 9)
    assert ([one.case.aftersale_id for one in shown.rows], shown.total) == (["a1", "a2"], 2)


def test_every_open_case_is_on_the_timeline_and_what_has_run_out_does_not_crowd_it(
    then: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "DUE", 3)
    hours = {1: 5, 2: 1, 3: -1, 4: -2, 5: 2, 6: 9, 7: 1, 8: -3, 9: -4}
    then.story.ledger.saw(RUN, [row(n, deadline_at=START + timedelta(hours=h)) for n, h in hours.items()])
    then.story.ledger.hold(RUN, then.story.hold(5))
    then.story.settle(then.story.send(7))
    day = then.office.day()
    told = [(one.case.aftersale_id, one.status) for one in day.due]
    assert told == [("a2", CaseStatus.SEEN), ("a5", CaseStatus.HELD), ("a1", CaseStatus.SEEN)]
    assert ([one.case.aftersale_id for one in day.overdue], day.overdue_cases) == (["a3", "a4", "a8"], 4)
    monkeypatch.setattr(type(then.office), "now", lambda _: START + timedelta(hours=1, minutes=1))
    assert [one.case.aftersale_id for one in then.office.day().due] == ["a5", "a1", "a6"], (
        "it passes while nothing happens"
    )


def test_an_older_ledger_gets_the_new_table(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    SqlLedger(path, StandingClock(), CountingIds()).close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE signoffs")
        raw.execute("DROP INDEX cases_in_turn")
        raw.execute("DROP INDEX events_by_hand")
        raw.execute("DELETE FROM schema_version WHERE version >= 6")
    ledger = OfficeLedger(path, StandingClock(), CountingIds())
    assert ledger.ask("verdict", "x", "{}", "Li", "why")
    ledger.close()


def test_a_changed_settings_file_shows_at_once_and_a_broken_one_changes_nothing(home: Told) -> None:
    assert [one.name for one in home.office.people] == ["Li", "Chen", "Wang"]
    settings = home.home / "refundpilot.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('name = "Chen"', 'name = "Chang"'), encoding="utf-8")
    assert [one.name for one in home.office.people] == ["Li", "Chang", "Wang"]
    settings.write_text("nonsense", encoding="utf-8")
    assert [one.name for one in home.office.people] == ["Li", "Chang", "Wang"]
    assert isinstance(home.office.rules(), Policy)


def test_no_open_alarm_falls_off_the_page_and_the_most_pressing_stands_first(then: Told) -> None:
    ledger = then.story.ledger

    def raised(key: str, urgency: Urgency, **more: Any) -> None:
        alarm = Alarm(urgency=urgency, shop=SHOP, reason=Reason(code=f"test.{key}"), case_id=key, **more)
        assert ledger.raise_alarm(alarm, Subject(key, timedelta()))

    raised("breaker", Urgency.CALL)
    raised("near", Urgency.CALL, amount=Money(900), deadline=START + timedelta(hours=1))
    for number in range(6):
        raised(f"risk{number}", Urgency.WARN)
    raised("answered", Urgency.CALL)
    raised("late", Urgency.WARN)
    ledger.acknowledge_alarms(9, "Wang")
    for limit, lines in ((5, 9), (10, 10)):
        shown = then.office.alarms(limit)
        assert len(shown) == lines
        assert [one.case_id for one in shown[:3]] == ["near", "breaker", "risk0"]
    assert (shown[0].amount, shown[0].deadline) == (Money(900), START + timedelta(hours=1))
    assert shown[-1].acknowledged_by == "Wang"
    for nobodys in ("", "-1", "99", "9" * 22):
        assert then.office.acknowledge(nobodys, WANG).told.code == "office.was_acknowledged"


def test_the_posture_that_is_shown_is_the_one_that_the_schedule_has_now(tmp_path: Path) -> None:
    clock = StandingClock(START.replace(hour=22, minute=59))
    with told(tmp_path, clock=clock) as home:
        night = '[schedule.off_hours]\nbegin = "23:00"\nend = "07:00"\nposture = "act"\n'
        spoil(home.home / "refundpilot.toml", "[browser]", f"{night}\n[browser]")
        case = CaseKey(**home.office.settings.shop[0].key.model_dump(), aftersale_id="a1")
        home.story.ledger.saw(RUN, [row(1, key=case)])

        def shown() -> tuple[str, str, str, Tone, str]:
            (shop,), file = home.office.shops(), home.office.case(case)
            assert file is not None
            return shop.posture, shop.usual, shop.season, face_of(home.office, SAY).tone, file.posture

        assert shown() == ("observe", "", "usual", Tone.LOOKING, "observe")
        mark = home.office.marks()["policy"]
        clock.pass_s(60)
        assert shown() == ("act", "observe", "off_hours", Tone.ACTING, "act")
        assert home.office.marks()["policy"] != mark, "a page that is left open is told"


@pytest.mark.parametrize("file", ["refundpilot.toml", "policy.toml"])
def test_a_file_that_could_not_be_read_for_a_moment_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    clock, whole = StandingClock(), Path.read_text

    def held(self: Path, *how: Any, **named: Any) -> str:
        if self.name == file:
            raise PermissionError(13, "open in another program", str(self))
        return whole(self, *how, **named)

    with told(tmp_path, clock=clock) as home:

        def shown() -> tuple[str, str]:
            return home.office.people[1].name, home.office.rules().name

        before = shown()
        keep_last_good(home.office.files.last_good, text_of(home))
        spoil(home.home / "refundpilot.toml", 'name = "Chen"', 'name = "Chang"')
        put(home, TWO)
        with monkeypatch.context() as busy:
            busy.setattr(Path, "read_text", held)
            assert shown() != ("Chang", "two")
        clock.pass_s(2)
        assert (before[0], shown()) == ("Chen", ("Chang", "two"))


async def test_what_runs_out_is_drawn_by_the_shops_own_clock(home: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    say = Catalogue(Language.EN)
    home.held()
    (before,) = home.office.plots(say)
    monkeypatch.setattr(type(home.office), "now", lambda _: START - timedelta(hours=2))
    (then,) = home.office.plots(say)
    empty = say.text_of("daily.plot.empty")
    assert then.count(empty) == before.count(empty) - 1


def test_whoever_was_given_an_old_figure_is_told_when_its_time_is_over(tmp_path: Path) -> None:
    """The last half minute of a sweep stands in tiles and plots without another event."""
    clock = StandingClock()
    with told(tmp_path, clock=clock) as home:
        office, say = home.office, Catalogue(Language.EN)
        home.held(1)
        first, drawn, told_at = office.day(), office.plots(say), office.marks()["ledger"]
        clock.pass_s(5)
        home.held(2)
        assert office.marks()["ledger"] != told_at
        old = office.day()
        assert (old.holds, old.at_risk_cases) == (2, first.at_risk_cases), "what waits is counted at once, money later"
        assert office.plots(say) == drawn
        given = office.marks()["ledger"]
        clock.pass_s(24)
        assert office.marks()["ledger"] == given
        clock.pass_s(1)
        assert office.marks()["ledger"] != given
        assert (office.day().at_risk_cases, office.plots(say) == drawn) == (2, False)
        settled = office.marks()["ledger"]
        clock.pass_s(600)
        assert office.marks()["ledger"] == settled, "nobody was given an old one since"


def test_an_old_figure_that_was_given_is_told_of_though_somebody_else_had_a_new_one_made(tmp_path: Path) -> None:
    clock = StandingClock()
    with told(tmp_path, clock=clock) as home:
        home.held(1)
        home.office.day()
        clock.pass_s(29)
        home.held(2)
        home.office.day()
        given = home.office.marks()["ledger"]
        clock.pass_s(1)
        home.office.day()
        assert home.office.marks()["ledger"] != given


def test_time_that_goes_by_is_told_once_a_minute_and_only_as_time(tmp_path: Path) -> None:
    clock = StandingClock(START.replace(second=30, microsecond=0))
    with told(tmp_path, clock=clock) as home:
        home.held()
        before = home.office.marks()
        clock.pass_s(29)
        assert home.office.marks() == before
        clock.pass_s(1)
        assert {topic for topic, mark in home.office.marks().items() if mark != before[topic]} == {"clock"}
