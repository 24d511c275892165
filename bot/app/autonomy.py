"""Earned autonomy at work: what strategies have earned by the ledger, for the sweep, for `status`, for the report; and votes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.app.explaining import find_case
from bot.app.wiring import open_house
from bot.config import Home
from bot.domain.decision import Reason
from bot.engine.autonomy import Trust, still_needed, told, trust
from bot.engine.policy import Policy
from bot.ledger.reader import Reading
from bot.ports.status import AutonomyStatus


def trusted(ledger: Reading, policy: Policy) -> Mapping[str, Trust]:
    """By strategy: what each that has to earn its autonomy has earned up to now, over all shops of the home."""
    words = ledger.words(policy.earning, policy.terms.window)
    return {id_: trust(version, words.get(id_, ()), policy.terms) for id_, version in policy.earning.items()}


def standing(ledger: Reading, policy: Policy) -> Iterator[AutonomyStatus]:
    """The same for people; of strategies that are switched on, in their order."""
    terms, earned = policy.terms, trusted(ledger, policy)
    for strategy in (ranked.strategy for ranked in policy.ranked):
        if strategy.id in earned:
            one = earned[strategy.id]
            yield AutonomyStatus(
                strategy=strategy.id,
                name=strategy.name,
                promoted=one.promoted,
                agreed=one.agreed,
                asked=one.asked,
                bound=told(one)["bound"],
                wanted=terms.agreement_percent,
                cases=terms.cases,
                needed=still_needed(one.agreed, one.asked, terms),
            )


def notes(ledger: Reading, policy: Policy) -> tuple[Reason, ...]:
    """For the report, a line a strategy."""
    return tuple(_note(one) for one in standing(ledger, policy))


def _note(one: AutonomyStatus) -> Reason:
    counts = {"agreed": one.agreed, "asked": one.asked, "bound": one.bound, "wanted": one.wanted, "needed": one.needed}
    params = {"strategy": one.name, **{key: str(value) for key, value in counts.items()}}
    return Reason(code="autonomy.acts" if one.promoted else "autonomy.proposes", params=params)


async def cast_vote(home: Home, wanted: str, *, agrees: bool) -> str:
    """Write a person's word on a case's newest decision; the id of the strategy comes back.

    Raises:
        ConfigError: no such case, or several.
        CaseError: no strategy that has to earn its autonomy decided on it.
        LedgerError: another robot works in this home.
    """
    with open_house(home) as house:
        return house.ledger.vote(find_case(house.ledger, wanted), agrees=agrees)
