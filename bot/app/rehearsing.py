"""`policy backtest`: the ledger's past handed to a rehearsal, and what it found in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot.backtest import Course, Flip, Rehearsal
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock
from bot.config import BadConfig, Home
from bot.config.documents import read_document
from bot.config.rules import read_rules
from bot.domain.money import ZERO, Money
from bot.engine.policy import Policy
from bot.errors import ConfigError
from bot.ledger import SqlReader
from bot.ports.rehearsal import BacktestResult, CourseLine, FlipLine, UncoveredLine
from bot.report.phrases import Words, when
from bot.report.rehearsal import write_page

RISKIEST = 10
TOLD_EVERY = 50
"""Decisions between two steps of the progress bar."""

Steps = Callable[[int, int], None]
"""Told (decisions done, decisions in all)."""


async def backtest(home: Home, candidate: Path, days: timedelta, html: Path | None, steps: Steps) -> BacktestResult:
    """Rehearse a candidate on the home's own past, and write the page where one is asked for.

    Raises:
        BadConfig: the candidate is no policy.
        ConfigError: there is no past yet, or the page cannot be written.
        LedgerError.
    """
    policy = read_candidate(candidate)
    if not home.files.ledger.exists():
        raise ConfigError(f"no ledger in {home.path}", code="cli.no_ledger")
    clock, catalogue = SystemClock(), Catalogue(language_of(home.settings.language))
    began, since = clock.monotonic(), clock.now() - days
    with SqlReader(home.files.ledger) as reader:
        rehearsal = rehearsed(reader, policy, since, steps)
    result = told(rehearsal, policy, Words.of(catalogue, policy, home.policy), since)
    result = result.model_copy(update={"seconds": round(clock.monotonic() - began, 3), "html": str(html or "")})
    if html is not None:
        _write(result, catalogue, html)
    return result


def read_candidate(path: Path) -> Policy:
    """A policy file of any place. Raises BadConfig: file, line and key of everything wrong with it."""
    policy, problems = read_rules(read_document(path))
    if policy is None:
        raise BadConfig(problems)
    return policy


def rehearsed(reader: SqlReader, policy: Policy, since: datetime, steps: Steps) -> Rehearsal:
    """The candidate on every decision since then. Raises LedgerError."""
    rehearsal, total = Rehearsal(policy, reader.spending), reader.past_count(since)
    for done, past in enumerate(reader.past(since)):
        if done % TOLD_EVERY == 0:
            steps(done, total)
        rehearsal.take(past)
    steps(total, total)
    return rehearsal


def _write(result: BacktestResult, catalogue: Catalogue, path: Path) -> None:
    try:
        write_page(result, catalogue, path)
    except OSError as error:
        raise ConfigError(str(error), code="cli.not_written", page=str(path), raw=str(error)) from error


def told(rehearsal: Rehearsal, policy: Policy, words: Words, since: datetime) -> BacktestResult:
    """What it found, in one language."""
    flips = rehearsal.flips()
    lines = tuple(_line(flip, words) for flip in flips)
    refused = [flip for flip in flips if flip.now.course is Course.REFUSE is not flip.was.course]
    unproven = [flip for flip in flips if flip.now.unproven and not flip.was.unproven]
    return BacktestResult(
        candidate=policy.name,
        candidate_hash=policy.hash,
        since=when(since),
        first=when(rehearsal.first) if rehearsal.first else "",
        last=when(rehearsal.last) if rehearsal.last else "",
        decisions=rehearsal.decisions,
        skipped=rehearsal.skipped,
        same_policy=rehearsal.policies[policy.hash],
        flips_total=len(flips),
        flips=lines,
        riskiest=tuple(line for line in lines[:RISKIEST] if line.risk_fen),
        paid_more_fen=paid_more(flips).fen,
        paid_less_fen=-sum((flip.moved for flip in flips if flip.moved < ZERO), ZERO).fen,
        refused_more=len(refused),
        refused_more_fen=sum((flip.claim for flip in refused), ZERO).fen,
        unproven=len(unproven),
        unproven_fen=sum((flip.claim for flip in unproven), ZERO).fen,
        sooner=rehearsal.sooner,
        uncovered_total=rehearsal.uncovered_total,
        uncovered=tuple(
            UncoveredLine(case=str(case), claim_fen=claim.fen)
            for case, claim in sorted(rehearsal.uncovered.items(), key=lambda one: (-one[1].fen, str(one[0])))
        ),
        totals=tuple(_totals(rehearsal)),
        seconds=0.0,
    )


def paid_more(flips: Sequence[Flip]) -> Money:
    """What goes out more than did, over these flips; what goes out less is not set against it."""
    return sum((flip.moved for flip in flips if flip.moved > ZERO), ZERO)


def _line(flip: Flip, words: Words) -> FlipLine:
    return FlipLine(
        case=str(flip.case),
        at=when(flip.at),
        claim_fen=flip.claim.fen,
        was=flip.was.course,
        was_strategy=words.strategy(flip.was.strategy) if flip.was.strategy else "",
        now=flip.now.course,
        now_strategy=words.strategy(flip.now.strategy) if flip.now.strategy else "",
        moved_fen=flip.moved.fen,
        risk_fen=flip.risk.fen,
        unproven=flip.now.unproven and not flip.was.unproven,
        why=tuple(words.reason(reason) for reason in flip.why),
    )


def _totals(rehearsal: Rehearsal) -> Iterator[CourseLine]:
    totals = rehearsal.totals
    for course in Course:
        if totals.was[course] or totals.now[course]:
            yield CourseLine(
                course=course,
                was=totals.was[course],
                was_fen=Money(totals.was_fen[course]).fen,
                now=totals.now[course],
                now_fen=Money(totals.now_fen[course]).fen,
            )
