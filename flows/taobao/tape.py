"""What a tape has to know of Taobao/Tmall: noise, the case's name, secrets, and where people stand (domain.md 3.1, 3.3)."""

from __future__ import annotations

from typing import Final

from bot.tape.rules import TapeRules
from flows.taobao.wording import NONE, PEOPLE

TAPE: Final = TapeRules(
    ignored=frozenset({"_", "t", "ts", "timestamp", "nonce", "callback", "requestId", "traceId"}),
    cases=frozenset({"disputeId"}),
    secrets=frozenset(
        {
            "account",
            "password",
            "smsCode",
            "code",
            "token",
            "sign",
            "_tb_token_",
            "cookie2",
            "authorization",
            "x-csrf-token",
        }
    ),
    people=PEOPLE,
    words=NONE,
)
