"""What a person decided about a case they looked at, and who they are: names of people, and when two names are one person."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from bot.domain.action import ComplaintScene, RefusalReason, Verb
from bot.domain.base import Frozen
from bot.domain.decision import ProofKind
from bot.domain.ids import CaseKey
from bot.domain.money import Money

_LINE = r"^[^\x00-\x1f\x7f]*$"
Nobody = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=_LINE)]
Because = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

BY_PERSON = "person:"
"""How the budgets' strategy of a person begins; no strategy of a policy can have a colon in its id."""


def identity(name: str) -> str:
    """One person under all spellings of their name: letters and digits alone tell people apart."""
    return "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())


def _named(name: str) -> str:
    if not identity(name):
        raise ValueError("a name has letters or digits")
    return name


PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=60, pattern=_LINE), AfterValidator(_named)
]


class Instead(StrEnum):
    """What a verdict asks for where it is no deed (its verb is HOLD); the page alone says how a case ended.

    `wait`: nobody acts on it before `again_at`. `elsewhere`: it was settled outside. `release`: an action whose outcome nobody
    could tell is read back once more.
    """

    WAIT = "wait"
    ELSEWHERE = "elsewhere"
    RELEASE = "release"


class HandDetails(Frozen):
    """What a verdict may say beyond its verb.

    What is left empty is taken from the robot's own proposal where that has the same verb, else from the page. `amount` is what an offer says, for any other verb the claim that was seen, which has to be the page's; `max_fee` bounds an
    intercept; `again_at` is for a case that is kept.
    """

    amount: Money | None = None
    max_fee: Money | None = None
    refusal: RefusalReason | None = None
    scene: ComplaintScene | None = None
    message: str = ""
    proofs: tuple[ProofKind, ...] = ()
    without_proof_allowed: bool = False
    again_at: AwareDatetime | None = None


class HandVerdict(HandDetails):
    """What a person decided about one case they looked at; done by the same protocol as the robot's own decisions.

    `fingerprint`: of the snapshot they saw; another one on the page now means that it is not done, and asked again. `by`: who,
    `why`: in their words. `approved_by`: the second person, where one is needed.
    """

    case: CaseKey
    verb: Verb
    fingerprint: str
    by: PersonName
    why: Because
    decided_at: AwareDatetime
    approved_by: Nobody = ""
    instead: Instead = Instead.WAIT

    @property
    def deed(self) -> bool:
        """Whether a hand moves."""
        return self.verb is not Verb.HOLD

    @property
    def strategy(self) -> str:
        """Under which the budgets count what this person spends on a day."""
        return f"{BY_PERSON}{identity(self.by)}"


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's."""
    return identity(one) == identity(other)
