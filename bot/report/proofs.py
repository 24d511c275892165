"""What was read of a picture before it was to go out, in one or two sentences beside it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.base import Sha256
from bot.domain.decision import SEVERAL
from bot.domain.proofs import ProofLook
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.phrases import Words

_LONGEST = 160


def said(words: Words, line: CaseLine, sha256: Sha256) -> tuple[str, ...]:
    """Verdict and what stood there; nothing for a picture that was never read."""
    looks = line.proofs.looks if line.proofs else ()
    return next((tuple(_told(words, look)) for look in looks if look.sha256 == sha256), ())


def _told(words: Words, look: ProofLook) -> Iterator[str]:
    sent = words.say.text_of(f"proof_standing.{'sent' if look.sent else 'left_out'}")
    verdict = words.say.text_of(f"proof_standing.{look.standing}", **_params(look))
    yield f"{sent} · {masking.visible(verdict)}"
    if look.read:
        yield masking.text(words.say.text_of("proof_standing.read", read=" · ".join(look.read)), longest=_LONGEST)


def _params(look: ProofLook) -> dict[str, str]:
    against = look.against[0] if look.against else None
    return {
        "shown": SEVERAL.join(look.shown) or "—",
        "missing": SEVERAL.join(look.missing) or "—",
        "demand": against.demand if against else "",
        "seen": masking.text(against.seen, longest=60) if against else "",
        "wanted": (against.wanted if against else "") or "—",
        "unsure": masking.text(" · ".join(look.unsure), longest=80) or "—",
        "other": look.used_for,
    }
