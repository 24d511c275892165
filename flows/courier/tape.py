"""What a tape has to know of the courier's portal: its sign-in, and where people stand."""

from __future__ import annotations

from typing import Final

from bot.tape.rules import TapeRules
from flows.courier.wording import NONE, PEOPLE, SIGNERS

TAPE: Final = TapeRules(
    ignored=frozenset({"_", "t", "ts"}),
    secrets=frozenset({"account", "password", "token", "tx_sid", "authorization"}),
    people=PEOPLE,
    words=NONE | frozenset(SIGNERS),
)
