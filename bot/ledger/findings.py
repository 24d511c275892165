"""What an audit says: which invariant is broken, in which row, and how."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.decision import Reason
from bot.ledger.chain import Anchor


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant (reliability.md 3.6). `row` names the place; `reason` is a text of the catalogue."""

    invariant: str
    row: str
    reason: Reason

    @property
    def what(self) -> str:
        """For logs: the code and its parameters."""
        params = ", ".join(f"{name}={value}" for name, value in self.reason.params.items())
        return f"{self.reason.code}: {params}" if params else self.reason.code

    def as_json(self) -> dict[str, object]:
        """Flat, for machines."""
        return {
            "invariant": self.invariant,
            "row": self.row,
            "code": self.reason.code,
            "params": self.reason.params,
            "what": self.what,
        }


def finding(invariant: str, row: str, code: str, **params: object) -> Finding:
    """A finding with its parameters as text."""
    return Finding(invariant, row, Reason(code=code, params={name: str(value) for name, value in params.items()}))


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The audit's word: how far the chain goes, what was checked, what is wrong; `notes` are worth knowing and no fault."""

    events: int
    head: Anchor
    checked: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.findings

    def as_json(self) -> dict[str, object]:
        """For `audit --json`."""
        return {
            "ok": self.ok,
            "events": self.events,
            "head": {"seq": self.head.seq, "hash": self.head.hash},
            "checked": list(self.checked),
            "findings": [found.as_json() for found in self.findings],
            "notes": [note.as_json() for note in self.notes],
        }
