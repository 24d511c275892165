"""What the tray's icon shows of an office, as pure values: posture of every shop, who is needed, and the three things to press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.catalogue import Catalogue
from bot.ports.office import Office
from bot.ports.office_views import SessionView, ShopView, Unavailable
from bot.ports.tray import Face, MenuLine, Press, Tone
from bot.report.masking import visible

LONGEST_TITLE = 127
"""Windows cuts a longer one in the middle of a character."""

SHOPS = 8
"""Shops that the menu names; the console has all."""


@dataclass(frozen=True, slots=True)
class _Seen:
    stopped: bool
    shops: Sequence[ShopView]
    needed: Sequence[SessionView]


def face_of(office: Office, say: Catalogue) -> Face:
    """As things stand. Raises LedgerError."""
    sessions = office.sessions()
    needed = () if isinstance(sessions, Unavailable) else [one for one in sessions if one.left_s is not None]
    seen = _Seen(office.stopped(), office.shops(), needed)
    tone = _tone(seen)
    title = f"RefundPilot · {say.text_of(f'tray.tone.{tone}')} · {office.home}"
    return Face(tone=tone, title=title[:LONGEST_TITLE], lines=tuple(_lines(seen, say)))


def _tone(seen: _Seen) -> Tone:
    told = (
        (Tone.STOPPED, seen.stopped),
        (Tone.NEEDED, bool(seen.needed)),
        (Tone.BREAKER, any(shop.breaker for shop in seen.shops)),
        (Tone.ACTING, any(shop.posture == "act" for shop in seen.shops)),
    )
    return next((tone for tone, so in told if so), Tone.LOOKING)


def _lines(seen: _Seen, say: Catalogue) -> Iterator[MenuLine]:
    yield MenuLine(text=say.text_of("tray.console"), press=Press.CONSOLE)
    for one in seen.needed:
        yield MenuLine(text=say.text_of("tray.needed", shop=one.shop))
    for shop in seen.shops[:SHOPS]:
        code = "tray.shop_breaker" if shop.breaker else "tray.shop"
        posture = say.text_of(f"posture.{shop.posture}")
        yield MenuLine(text=say.text_of(code, name=visible(shop.name or str(shop.key)), posture=posture))
    press = Press.RESUME if seen.stopped else Press.STOP
    yield MenuLine(text=say.text_of(f"tray.{press}"), press=press)
