"""The day's verdict: each claim of "it is done when" against the probe, as a table."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app.demo import Deed, differences
from bot.config import load_home
from bot.config.rhythm import Rhythm
from bot.domain.action import proofs_sent
from bot.domain.decision import SEVERAL
from bot.domain.ids import RunId
from bot.ledger import SqlReader
from bot.scheduler.regime import Season, in_force, schedule_of
from simulator.scenarios.day import DAY
from tests.e2e.day.memory import Scales, slope
from tests.e2e.day.person import Call, Person

MOST_ACTION_S, MOST_INTERCEPT_S = 600, 120
MOST_MB_A_CASE, MOST_DRIVER_MB_A_CASE, MOST_PEAK_MB = 0.05, 0.10, 1_500
MISSED = "missed."
"""Codes of alarms that tell of runs which did not take place begin so."""

STALE_S = 60
"""How old what the robot knew of a parcel may be, in real seconds, before an act on it counts as too late."""


@dataclass(frozen=True)
class Claim:
    """One line of the table; `holds` None = a figure without a bound."""

    name: str
    measured: str
    wanted: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Facts:
    """All that the day left behind: the probe's answers, the home, who answered what, and what the tree weighed."""

    home: Path
    ends_at: datetime
    """Of the day and its tail."""
    rate: float
    cases: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    delays: dict[str, Any]
    rows: list[dict[str, Any]]
    loss: dict[str, Any]
    person: Person
    scales: Scales
    restarts: int = 0
    kills: int = 0
    policy_changed: bool = True
    """Whether the day came to that hour."""


def claims(facts: Facts) -> Iterator[Claim]:
    """The whole table."""
    figures = facts.delays["all"]
    yield settings_of(facts.home)
    yield Claim("cases that came", str(figures["cases"]))
    yield from _deadlines(facts)
    yield _percentile("application -> action", figures["action"], MOST_ACTION_S)
    yield _percentile("application -> intercept request", figures["intercept"], MOST_INTERCEPT_S)
    yield Claim("beside the seeds' own", _beside_the_seeds(figures))
    yield Claim("intercepts missed", str(figures["intercept"]["missed"]))
    yield from _alarms(facts)
    yield from _books(facts)
    yield from _memory(facts.scales)
    yield Claim("loss beside the flawless clerk", _loss(facts.loss))
    told = f"{facts.restarts}, killed {facts.kills} times"
    yield Claim("restarts of the robot", told, "as many as kills", facts.restarts == facts.kills)


def settings_of(home: Path) -> Claim:
    """Under what the day was lived: the rhythm of its shops, which has to be the promotion's own, and the waits that are shorter than shipped."""
    said = load_home(home, with_logins=False).settings
    eve, noon = (in_force(said.schedule, DAY + timedelta(hours=hours)) for hours in (-1, 12))
    told = (
        f"sweep {_apart(noon.sweep)} on the day ({noon.season}), {_apart(eve.sweep)} before it, follow-up {_apart(said.schedule.follow_up)}; "
        f"challenge waited for {said.run.challenge_wait_s} s, quiet wait {said.run.quiet_wait_s} s"
    )
    shops = [in_force(schedule_of(said, shop.key), DAY + timedelta(hours=12)).season for shop in said.shop]
    return Claim("settings", told, "the promotion's profile in each shop", set(shops) == {Season.PROMOTION})


def _apart(rhythm: Rhythm) -> str:
    """Between the first two times of the day's afternoon."""
    first = rhythm.next_after(DAY + timedelta(hours=12))
    then = rhythm.next_after(first) if first else None
    return f"every {(then - first).total_seconds():.0f} s" if first and then else "never"


def _percentile(name: str, spread: dict[str, Any], most: float) -> Claim:
    p50, p95 = spread["p50_s"], spread["p95_s"]
    told = f"p50 {_s(p50)}, p95 {_s(p95)}, max {_s(spread['max_s'])} of {spread['n']} ({spread['open']} open)"
    return Claim(f"{name} (of the day's time)", told, f"p95 <= {most} s", p95 is not None and p95 <= most)


def _beside_the_seeds(figures: dict[str, Any]) -> str:
    """What the articles say of their tools (domain.md 1)."""
    asked, handled = (_minutes(figures[name]["p50_s"]) for name in ("intercept", "action"))
    return f"an intercept is asked for after {asked} min (there: ten-odd hours), a case handled after {handled} min (there: 30, then 10)"


def _minutes(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 60:.1f}"


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s"


# ---- deadlines and alarms -----------------------------------------------------------------------------------------


def _deadlines(facts: Facts) -> Iterator[Claim]:
    told = silence(facts.rows, facts.person.bell.calls())
    yield Claim(
        "deadlines lost",
        f"{told.total()}: {told['warned']} alarmed before, {told['told after']} told afterwards, {told['silent']} in silence",
        "none in silence",
        told["silent"] == 0,
    )
    ours = alarmed(facts.rows, facts.person.bell.calls())
    if ours:
        kept = sum(row["deadline_lost_at"] is None for row in ours)
        yield Claim("alarmed cases answered in time", f"{kept} of {len(ours)}", "more than half", kept * 2 > len(ours))


def silence(rows: Iterable[dict[str, Any]], calls: Sequence[Call]) -> Counter[str]:
    """How often each lost deadline was told of: warned before, told after (itself, or as a missed run of its shop), silent."""
    told: Counter[str] = Counter()
    for row in rows:
        if row["deadline_lost_at"] is None:
            continue
        lost = datetime.fromisoformat(row["deadline_lost_at"])
        about = [call for call in calls if call.aftersale_id == row["aftersale_id"]]
        missed = [call for call in calls if call.code.startswith(MISSED) and _names(call, row["shop_id"])]
        warned = any(call.at < lost for call in about)
        told["warned" if warned else "told after" if _after(lost, [*about, *missed]) else "silent"] += 1
    return told


def _names(call: Call, shop_id: str) -> bool:
    """Whether the runs that did not take place were the shop's own: what happened elsewhere tells nothing of its cases."""
    return any(duty.endswith(f"/{shop_id}") for duty in call.duties.split(SEVERAL))


def _after(lost: datetime, calls: Iterable[Call]) -> bool:
    """Within the day that follows: nobody connects a later message with it."""
    return any(lost <= call.at <= lost + timedelta(days=1) for call in calls)


def alarmed(rows: Iterable[dict[str, Any]], calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The cases of which somebody was told in time."""
    first = {call.aftersale_id: call.at for call in reversed(calls) if call.aftersale_id}
    return [row for row in rows if _in_time(row, first.get(row["aftersale_id"]))]


def _in_time(row: dict[str, Any], at: datetime | None) -> bool:
    lost = row["deadline_lost_at"]
    return at is not None and (lost is None or at < datetime.fromisoformat(lost))


def _alarms(facts: Facts) -> Iterator[Claim]:
    calls, person = facts.person.bell.calls(), facts.person
    climbed = person.bell.escalated()
    later = person.bell.not_due_yet(facts.ends_at) - climbed
    heard = {*person.answered, *climbed, *later}
    neither = [call for call in calls if call.number not in heard]
    loud = [call for call in neither if call.urgency != "info"]
    codes = ", ".join(f"{code} {count}" for code, count in Counter(call.code for call in calls).most_common(6))
    yield Claim(
        "alarms",
        f"{len(calls)} ({len(person.answered)} answered, {len(climbed)} escalated, {len(later)} told and not due again by "
        f"the day's end, {len(neither)} neither): {codes}",
        "every loud one answered or escalated when it was due",
        not loud,
    )


# ---- books --------------------------------------------------------------------------------------------------------


def _books(facts: Facts) -> Iterator[Claim]:
    done = Counter(_deed(effect) for effect in facts.effects if effect["actor"].startswith("seller:"))
    booked = Counter(booked_deeds(facts.home))
    apart = differences(done, booked)
    told = f"{done.total()} effects, {booked.total()} receipts, {len(apart)} differences"
    yield Claim("ledger = probe", told, "no difference", not apart)
    labels = {case["aftersale_id"]: case["label"] for case in facts.cases}
    outside = [f"{case}: {verb}" for case, verb, _, _ in done if verb not in labels[case]]
    yield Claim("acts outside the label", f"{len(outside)} {outside[:3] or ''}", "0", not outside)
    late = [row for row in facts.rows if row["acted"] and (row["acted"]["late_s"] or 0) > STALE_S * facts.rate]
    yield Claim(
        "acts on what was no longer so", f"{len(late)} {[row['aftersale_id'] for row in late[:3]] or ''}", "0", not late
    )
    live = open_intents(facts.home)
    yield Claim("intents without an end", str(live), "0", live == 0)
    decided, wanted = len(policies_of(facts.home)), 2 if facts.policy_changed else 1
    yield Claim("policies that decided", str(decided), f"{wanted}", decided == wanted)


def _deed(effect: dict[str, Any]) -> Deed:
    return effect["aftersale_id"], effect["verb"], effect["amount_fen"], tuple(sorted(effect["evidence"]))


def booked_deeds(home: Path) -> Iterator[Deed]:
    """Every receipt of the ledger, whichever run found it."""
    runs = [RunId(run) for (run,) in _ask(home, "select distinct run from receipts")]
    with SqlReader(home / "ledger.db") as reader:
        for run in runs:
            for line in reader.lines(run):
                for intent, receipt in line.receipts:
                    proofs = tuple(sorted(proofs_sent(intent.action)))
                    yield line.case.aftersale_id, str(intent.action.verb), receipt.amount.fen, proofs


def open_intents(home: Path) -> int:
    """Intents whose outcome is not told."""
    ((count,),) = _ask(home, "select count(*) from intents where mark in ('armed', 'fired', 'sent', 'unknown')")
    return int(count)


def receipts(home: Path) -> int:
    """How many acts are proven so far."""
    ((count,),) = _ask(home, "select count(*) from receipts")
    return int(count)


def policies_of(home: Path) -> list[str]:
    """Hashes of the policies that sweeps went by."""
    return [policy for (policy,) in _ask(home, "select hash from policies")]


def _ask(home: Path, question: str) -> list[tuple[Any, ...]]:
    """Read beside the robot; a ledger that is not there yet knows nothing."""
    file = home / "ledger.db"
    if not file.exists():
        return [(0,)] if "count" in question else []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        return list(db.execute(question))


# ---- memory and money -----------------------------------------------------------------------------------------------


def _memory(scales: Scales) -> Iterator[Claim]:
    for name, parts, most in (
        ("robot and browser", ("robot", "browser"), MOST_MB_A_CASE),
        ("driver", ("driver",), MOST_DRIVER_MB_A_CASE),
    ):
        found = slope(scales.points(*parts))
        told = "too few samples" if found is None else f"{found.middle:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
        yield Claim(f"memory of {name}, MB a case", told, f"<= {most}", None if found is None else found.low <= most)
    yield Claim("peak of the tree", f"{scales.peak} MB", f"< {MOST_PEAK_MB} MB", scales.peak < MOST_PEAK_MB)


def _loss(sheet: dict[str, Any]) -> str:
    return ", ".join(f"{name} {told['total'] / 100:,.0f} yuan" for name, told in sheet.items())


def table(lines: Sequence[Claim]) -> str:
    """As it is printed."""
    marks = {True: "holds", False: "FAILS", None: ""}
    wide = max(len(line.name) for line in lines)
    return "\n".join(
        f"{marks[line.holds]:6} {line.name:{wide}}  {line.measured}  {line.wanted and f'({line.wanted})'}"
        for line in lines
    )
