"""What the checker found, as data: kinds, strategies, regions and example cases; words come from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.decision import Reason
from bot.engine.facts import Facts


class Severity(StrEnum):
    """An error keeps `policy check` from passing; a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


class Kind(StrEnum):
    """What can be wrong with a policy that reads well."""

    CONTRADICTION = "contradiction"
    COVERED = "covered"
    BEHIND_CAP = "behind_cap"
    UNHEARD = "unheard"
    NEVER_KNOWN = "never_known"
    HOLLOW = "hollow"
    ENDLESS = "endless"
    IDLE = "idle"
    CUT_DOWN = "cut_down"
    OFF = "off"
    CONFLICT = "conflict"
    OPPOSED = "opposed"
    HOLE = "hole"
    CAP_SPENT = "cap_spent"
    CATCH_ALL = "catch_all"


SEVERITY: Mapping[Kind, Severity] = {
    Kind.CONTRADICTION: Severity.ERROR,
    Kind.COVERED: Severity.ERROR,
    Kind.BEHIND_CAP: Severity.WARNING,
    Kind.UNHEARD: Severity.WARNING,
    Kind.NEVER_KNOWN: Severity.ERROR,
    Kind.HOLLOW: Severity.ERROR,
    Kind.ENDLESS: Severity.ERROR,
    Kind.IDLE: Severity.ERROR,
    Kind.CUT_DOWN: Severity.WARNING,
    Kind.OFF: Severity.WARNING,
    Kind.CONFLICT: Severity.ERROR,
    Kind.OPPOSED: Severity.WARNING,
    Kind.HOLE: Severity.ERROR,
    Kind.CAP_SPENT: Severity.WARNING,
    Kind.CATCH_ALL: Severity.WARNING,
}


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    """What a kind of case has in one fact: one of `values`, or a number in one of `spans` (both ends in, "" = open end).

    `others`: the words that are not among `values`. `asked`: the condition whose answer `values` are, where the fact's own values cannot be counted out.
    """

    fact: str
    values: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A concrete case: its facts, and which of them tell most, in this order."""

    facts: Facts
    telling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of case by its traits, with one case of it; `whose` names the strategy that it belongs to, where one does."""

    traits: tuple[Trait, ...]
    case: Case
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that its author will want to know.

    `strategies`: whom it is about, first the one to look at. `conditions`: names of those that make it so, for the line.
    `because`: sentences that explain. `patterns`: kinds with an example each; empty where nothing like it can exist.
    `proven`: the real engine, asked about the examples, says what the finding claims.
    """

    kind: Kind
    strategies: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    because: tuple[Reason, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    proven: bool = True

    @property
    def severity(self) -> Severity:
        """What the engine does not show is no more than a warning."""
        return SEVERITY[self.kind] if self.proven else Severity.WARNING
