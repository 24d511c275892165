"""Earned autonomy: when a strategy's agreement with people is good enough for it to act, as a stated statistical bound.

The bound is Wilson's lower limit of a share, one-sided (Wilson 1927): a closed form of four operations that a merchant can
check with a pocket calculator, where Clopper and Pearson's needs the inverse of the beta function and thus scipy. Close to
100 % it promises a little too much; the least number of cases makes that good (ADR 0012). Pure: no clock, no ledger.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile
from statistics import NormalDist
from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.domain.base import Frozen
from bot.domain.decision import Decision, Reason


class Autonomy(StrEnum):
    """How a strategy comes to act: because the policy's text grants it, or because people kept doing what it proposed."""

    GRANTED = "granted"
    EARNED = "earned"


class Word(StrEnum):
    """What people made of one case: as the strategy said, otherwise, or otherwise after it had acted itself."""

    AGREED = "agreed"
    DIFFERED = "differed"
    OVERRIDDEN = "overridden"


class Terms(Frozen):
    """When trust is earned: agreement of at least `agreement_percent` with `confidence_percent` certainty over `cases` or more.

    Only the newest `window` cases count, so that a drift shows. `default`: for strategies that do not say.
    `still_propose_one_in`: of its cases, how many a promoted strategy goes on to propose, so that drift is seen at all; 0: none.
    """

    default: Autonomy = Autonomy.EARNED
    agreement_percent: Annotated[int, Field(ge=50, le=99, strict=True)] = 95
    confidence_percent: Annotated[int, Field(ge=80, le=99, strict=True)] = 95
    cases: Annotated[int, Field(ge=20, le=10_000, strict=True)] = 60
    window: Annotated[int, Field(ge=20, le=10_000, strict=True)] = 200
    still_propose_one_in: Annotated[int, Field(ge=0, le=1_000, strict=True)] = 20

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.window < self.cases:
            raise ValueError("window is at least as large as cases: fewer could never be enough")
        if self.bound(self.window, self.window) < self.agreement_percent / 100:
            raise ValueError(
                "even agreement on every case of the window would not reach that bound: a larger window is needed"
            )
        return self

    def bound(self, agreed: int, asked: int) -> float:
        """The share of agreement that is exceeded with the stated certainty."""
        return lower_bound(agreed, asked, self.confidence_percent / 100)


@dataclass(frozen=True, slots=True)
class Trust:
    """What a strategy has earned: `agreed` of `asked` newest cases, the bound of that, and whether it may act.

    `version` is that of the strategy the cases were decided by (`Policy.earning`): changed rules begin anew.
    """

    version: str
    agreed: int
    asked: int
    bound: float
    promoted: bool
    one_in: int = 0

    def still_proposes(self, case: str) -> bool:
        """This case is one of the share that is left to people after promotion: by its hash, so that no sweep changes its mind."""
        drawn = hashlib.sha256(f"{self.version}:{case}".encode()).digest()
        return self.one_in > 0 and int.from_bytes(drawn[:8]) % self.one_in == 0


def lower_bound(agreed: int, asked: int, confidence: float) -> float:
    """Wilson's lower limit, one-sided; 0 where nobody was asked."""
    if not asked:
        return 0.0
    z = NormalDist().inv_cdf(confidence)
    share, spread = agreed / asked, z * z / asked
    middle = share + spread / 2
    margin = z * math.sqrt(share * (1 - share) / asked + spread / (4 * asked))
    return max(0.0, (middle - margin) / (1 + spread))


def trust(version: str, words: Iterable[Word], terms: Terms) -> Trust:
    """From people's words, the newest first.

    An override ends what was earned before it: counting begins anew behind it. Otherwise the same bound promotes and
    demotes: there is no memory but the cases themselves, so the answer is the same on every PC and after every restart.
    """
    counted: Sequence[Word] = tuple(takewhile(lambda word: word is not Word.OVERRIDDEN, islice(words, terms.window)))
    agreed, asked = sum(word is Word.AGREED for word in counted), len(counted)
    bound = terms.bound(agreed, asked)
    enough = asked >= terms.cases and bound >= terms.agreement_percent / 100
    return Trust(version, agreed, asked, bound, enough, terms.still_propose_one_in)


def still_needed(agreed: int, asked: int, terms: Terms) -> int:
    """How many agreements in a row are the fewest that would promote it; 0 where it may act."""
    more = 0
    while asked + more < terms.cases or terms.bound(agreed + more, asked + more) < terms.agreement_percent / 100:
        more += 1
    return more


NOTHING_EARNED = Trust("", 0, 0, 0.0, promoted=False)


def told(trust: Trust) -> dict[str, str]:
    """For sentences: the count, and the bound in tenths of a percent, cut off and never rounded up."""
    tenths = math.floor(trust.bound * 1000)
    return {"agreed": str(trust.agreed), "asked": str(trust.asked), "bound": f"{tenths // 10}.{tenths % 10}"}


def unearned(decision: Decision, trust: Mapping[str, Trust]) -> Reason | None:
    """Why it is proposed instead of done: its strategy has not earned its autonomy, or the case is of the share that people keep."""
    plan = decision.plan
    if plan is None or not plan.earned:
        return None
    earned = trust.get(plan.strategy)
    known = earned if earned is not None and earned.version == plan.earned else NOTHING_EARNED
    if known.promoted and not known.still_proposes(str(decision.case)):
        return None
    name = decision.reasons[0].params.get("strategy", plan.strategy)
    code = "would.sampled" if known.promoted else "would.earning"
    return Reason(code=code, params={"strategy": name, **told(known)})
