"""How a case ended in a run, told in money: each case has exactly one ending, so that the sums add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from bot.domain.action import AgreeRefund, Intercept, Verb
from bot.domain.case import newest_offer
from bot.domain.money import ZERO, Money
from bot.domain.outcome import UNPROVEN, CaseStatus
from bot.ports.ledger import CaseLine


class Ending(StrEnum):
    """In the order in which the report tells them; `noted` is a remark and nothing else."""

    REFUNDED = "refunded"
    RETURN_AGREED = "return_agreed"
    INTERCEPTED = "intercepted"
    REFUSED = "refused"
    OFFERED = "offered"
    COMPLAINED = "complained"
    NOTED = "noted"
    WAITING = "waiting"
    FOREIGN = "foreign"
    HELD = "held"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({Ending.HELD, Ending.FAILED, Ending.UNKNOWN})
"""Endings that a person has to look at."""

OFFER_ACCEPTED = "case.offer_accepted"
"""The reason of a case that an accepted offer ended: paid, though not by a click of that run."""

_BY_VERB = MappingProxyType(
    {
        Verb.AGREE_REFUND: Ending.REFUNDED,
        Verb.REFUSE: Ending.REFUSED,
        Verb.AGREE_RETURN: Ending.RETURN_AGREED,
        Verb.INTERCEPT: Ending.INTERCEPTED,
        Verb.NEGOTIATE: Ending.OFFERED,
        Verb.COMPLAIN: Ending.COMPLAINED,
        Verb.REMARK: Ending.NOTED,
    }
)
"""The strongest verb first: a refund with a remark is a refund."""


def ending_of(line: CaseLine, *, acting: bool = True) -> Ending:  # noqa: PLR0911 - one way out a standing
    """The case's one ending. What only would be done (not `acting`) has the ending that it would have."""
    if line.status is CaseStatus.ACTING or any(reason.code in UNPROVEN for reason in line.reasons):
        return Ending.UNKNOWN
    done = {intent.action.verb for intent, _ in line.receipts}
    if Verb.AGREE_REFUND in done or _took_offer(line):
        return Ending.REFUNDED
    match line.status:
        case CaseStatus.HELD:
            return Ending.HELD
        case CaseStatus.FAILED:
            return Ending.FAILED
        case CaseStatus.FOREIGN:
            return Ending.FOREIGN
        case CaseStatus.DONE:
            return _strongest(done, Ending.FOREIGN)
        case CaseStatus.DECIDED if not acting and line.decision is not None:
            return _BY_VERB.get(line.decision.verb, Ending.HELD)
        case CaseStatus.WAITING | CaseStatus.DECIDED | CaseStatus.SEEN:
            return _strongest(done, Ending.WAITING)
        case _:
            assert_never(line.status)


def _strongest(done: Iterable[Verb], otherwise: Ending) -> Ending:
    verbs = set(done)
    return next((ending for verb, ending in _BY_VERB.items() if verb in verbs), otherwise)


def claim_of(line: CaseLine) -> Money | None:
    """What the buyer asks for, as the detail page says it, else the list; None for a row that nobody can read."""
    if line.snapshot is not None:
        return line.snapshot.amount
    return line.row.amount if line.row is not None else None


def refunded(line: CaseLine) -> Money:
    """What went back to the buyer, as the server's receipts show it, or an offer that the page shows as accepted."""
    paid = (receipt.amount for intent, receipt in line.receipts if isinstance(intent.action, AgreeRefund))
    offer = newest_offer(line.snapshot) if line.snapshot is not None and _took_offer(line) else None
    return sum(paid, offer.amount if offer is not None else ZERO)


def _took_offer(line: CaseLine) -> bool:
    return any(reason.code == OFFER_ACCEPTED for reason in line.reasons)


def fees(line: CaseLine) -> Money:
    """What intercepts cost, as the receipts show it."""
    return sum((receipt.amount for intent, receipt in line.receipts if isinstance(intent.action, Intercept)), ZERO)


@dataclass(frozen=True, slots=True)
class Sum:
    """Cases of one ending: how many, and their money (paid back as proven for refunds, else what is claimed)."""

    ending: Ending
    count: int
    amount: Money


def sums(lines: Iterable[CaseLine], *, acting: bool) -> tuple[Sum, ...]:
    """One entry an ending, all of them, in the order of `Ending`; their counts add up to the number of lines."""
    found: dict[Ending, list[Money]] = {ending: [] for ending in Ending}
    for line in lines:
        ending = ending_of(line, acting=acting)
        found[ending].append(amount_of(line, ending))
    return tuple(Sum(ending, len(amounts), sum(amounts, ZERO)) for ending, amounts in found.items())


def amount_of(line: CaseLine, ending: Ending) -> Money:
    """The money that stands for a case under its ending; nothing for a row without an amount."""
    proven = refunded(line)
    if ending is Ending.REFUNDED and proven != ZERO:
        return proven
    return claim_of(line) or ZERO
