"""Claims on what the ledger keeps of read proofs: told per case, one picture serves one case, forgotten with the buyer."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.domain.base import Sha256
from bot.domain.proofs import Demand, ProofCheck, ProofLook, ProofStanding, Served
from bot.ledger import audit, schema
from tests.unit.ledger.story import BUYER, RUN, SHOP, Story, key

LOOKS = "0123456789abcdef0123456789abcdef"
NEAR, FAR = "0123456789abcdef0123456789abcde8", "fedcba98765432100123456789abcdef"
SHA, OTHER = Sha256("a" * 64), Sha256("b" * 64)


def look(sha256: Sha256 = SHA, looks: str = LOOKS) -> ProofLook:
    return ProofLook(sha256=sha256, standing=ProofStanding.OK, shown=(Demand.WAYBILL,), print=looks, sent=True)


def check(*looks: ProofLook, outcome: str = "proof.ok") -> ProofCheck:
    return ProofCheck(demands=(Demand.WAYBILL,), outcome=outcome, looks=looks)


def test_the_newest_check_of_each_case_is_on_its_line(story: Story) -> None:
    story.judge(1)
    story.ledger.proofs_read(RUN, key(1), "o1", check(look(), outcome="proof.missing"))
    story.ledger.proofs_read(RUN, key(1), "o1", check(look()), [look()])
    (line,) = story.ledger.lines(RUN)
    assert line.proofs == check(look())


def test_a_picture_that_served_a_case_is_found_by_bytes_and_by_looks(story: Story) -> None:
    story.ledger.proofs_read(RUN, key(1), "o1", check(look()), [look()])
    served = story.ledger.served
    assert served(key(2), "o2", SHA, "") == Served(aftersale_id=key(1).aftersale_id, same=True)
    assert served(key(2), "o2", OTHER, NEAR) == Served(aftersale_id=key(1).aftersale_id, same=False)
    assert served(key(2), "o2", OTHER, FAR) is None
    assert served(key(2), "o2", OTHER, "") is None
    assert served(key(2), "o1", SHA, LOOKS) is None, "another claim on the same order is about the same parcel"
    assert served(key(1), "o1", SHA, LOOKS) is None


def test_pictures_that_did_not_go_out_serve_nobody(story: Story) -> None:
    story.ledger.proofs_read(RUN, key(1), "o1", check(look(), outcome="proof.missing"))
    assert story.ledger.served(key(2), "o2", SHA, LOOKS) is None


def test_what_was_read_is_forgotten_with_the_buyer(story: Story) -> None:
    story.whole(1)
    story.ledger.proofs_read(RUN, key(1), "o1", check(look()), [look()])
    story.ledger.erase_buyer(SHOP, BUYER)
    with story.ledger._store.reading() as db:
        assert db.execute(select(func.count()).select_from(schema.proof_bands)).scalar_one() == 0
    assert story.ledger.lines(RUN)[0].proofs is None
    assert audit(story.ledger.engine, None).findings == ()
