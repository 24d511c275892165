"""`policy explain`: which case is meant, and the newest decision on it in words."""

from __future__ import annotations

from bot.app.policies import Decided
from bot.catalogue import Catalogue, language_of
from bot.config import Home
from bot.domain.ids import CaseKey
from bot.errors import ConfigError
from bot.ledger import SqlReader
from bot.ledger.reader import Reading
from bot.report.explain import Explanation, explain


async def explain_case(home: Home, wanted: str) -> Explanation:
    """The newest decision on `wanted`: an after-sale id, or PLATFORM/SHOP/ID where several shops have one like it.

    Raises:
        ConfigError: no such case (the nearest ids are named), several (their shops are), or nothing decided on it yet.
        LedgerError.
    """
    if not home.files.ledger.exists():
        raise ConfigError(f"no ledger in {home.path}", code="cli.no_ledger", raw=wanted)
    with SqlReader(home.files.ledger) as reader:
        case = find_case(reader, wanted)
        judged = reader.decision(case)
        kept = Decided(reader, home.policy).by(judged.decision.policy_hash) if judged else None
    if judged is None:
        raise ConfigError(f"nothing decided on {case}", code="cli.no_decision", raw=str(case))
    return explain(judged, home.policy, Catalogue(language_of(home.settings.language)), kept)


def find_case(reader: Reading, wanted: str) -> CaseKey:
    """The one case that is meant. Raises ConfigError, see `explain_case`."""
    *shop, aftersale_id = wanted.strip().split("/")
    found = reader.named(aftersale_id)
    meant = [case for case in found if not shop or str(case.shop) == "/".join(shop)]
    if len(meant) == 1:
        return meant[0]
    if found:
        shops = ", ".join(str(case) for case in found)
        raise ConfigError(f"{wanted} is in {shops}", code="cli.many_cases", raw=wanted, target=shops)
    near = ", ".join(reader.near(aftersale_id))
    raise ConfigError(f"no case {wanted}", code="cli.near_case" if near else "cli.no_case", raw=wanted, target=near)
