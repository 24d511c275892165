"""What a back-test hands back: `model_dump(mode="json")` is what `policy backtest --json` prints."""

from __future__ import annotations

from bot.domain.base import Frozen
from bot.ports.exits import ExitCode


class FlipLine(Frozen):
    """One case that comes out otherwise. `was` and `now` are courses (a verb, `wait`, `person`), the strategies their ids.

    `moved_fen`: what leaves the shop more, negative where it keeps more. `risk_fen`: money newly paid, or the claim where it is
    newly refused without proof. `why` in sentences, the deciding condition among them.
    """

    case: str
    at: str
    claim_fen: int
    was: str
    was_strategy: str
    now: str
    now_strategy: str
    moved_fen: int
    risk_fen: int
    unproven: bool
    why: tuple[str, ...]


class CourseLine(Frozen):
    """How many decisions took a course under each of the two policies, and the money that they give away."""

    course: str
    was: int
    was_fen: int
    now: int
    now_fen: int


class UncoveredLine(Frozen):
    """A case that no strategy of the candidate covers, though one of the live policy's did."""

    case: str
    claim_fen: int


class BacktestResult(Frozen):
    """One candidate over one stretch of the past.

    `flips` lists all of them, the riskiest first; `flips_total` counts them. `sooner`: cases on which
    the candidate does the same in an earlier sweep. `skipped`: decisions on cases that were settled elsewhere, or that the
    candidate had already ended. `same_policy`: decisions that this very policy made.
    """

    candidate: str
    candidate_hash: str
    since: str
    first: str
    last: str
    decisions: int
    skipped: int
    same_policy: int
    flips_total: int
    flips: tuple[FlipLine, ...]
    riskiest: tuple[FlipLine, ...]
    paid_more_fen: int
    paid_less_fen: int
    refused_more: int
    refused_more_fen: int
    unproven: int
    unproven_fen: int
    sooner: int
    uncovered_total: int
    uncovered: tuple[UncoveredLine, ...]
    totals: tuple[CourseLine, ...]
    seconds: float
    html: str = ""
    exit_code: ExitCode = ExitCode.DONE
