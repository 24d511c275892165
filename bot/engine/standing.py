"""How one strategy stands towards one case: matched, lost or undecided, and by which answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.decision import Answer, Verdict
from bot.engine.asking import Condition, all_of
from bot.engine.facts import Facts
from bot.engine.policy import Ranked
from bot.engine.scenes import Scene
from bot.engine.strategies import Strategy


@dataclass(frozen=True, slots=True)
class Standing:
    """`broken` holds what a rule raised; then nothing of the case is acted on (S19).

    `behind`: the name of the strategy that hit the case first in the same scene; then this one never saw it (domain.md 44).
    """

    rank: float
    strategy: Strategy
    verdict: Verdict
    answers: tuple[tuple[Condition, Answer], ...] = ()
    broken: str = ""
    behind: str = ""

    def that(self, answer: Answer) -> tuple[Condition, ...]:
        """The conditions that got this answer."""
        return tuple(condition for condition, got in self.answers if got is answer)


def stand(ranked: Ranked, facts: Facts) -> Standing:
    """Ask all conditions of a strategy; whatever one of them raises becomes a broken standing."""
    rank, strategy = ranked.rank, ranked.strategy
    try:
        answers = tuple((condition, condition.answer(facts)) for condition in strategy.conditions)
    except Exception as error:  # noqa: BLE001 - S19: whatever a rule raises, the case is held
        return Standing(rank, strategy, Verdict.UNDECIDED, broken=repr(error)[:200])
    return Standing(rank, strategy, all_of(tuple(answer for _, answer in answers)), answers)


def once_a_scene(standings: Sequence[Standing], scene_of: Mapping[str, Scene]) -> Iterator[Standing]:
    """The standings, first things first, with one hit in each scene: those behind it lost the case to it (domain.md 44)."""
    taken: dict[Scene, str] = {}
    for one in standings:
        scene = scene_of.get(one.strategy.id)
        if scene is None or one.broken:
            yield one
        elif scene in taken:
            yield replace(one, verdict=Verdict.LOST, behind=taken[scene])
        else:
            taken |= {scene: one.strategy.name} if one.verdict is Verdict.MATCHED else {}
            yield one
