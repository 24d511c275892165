"""Proofs are read before they go out: by the real desk and ledger, with pictures that say what they were told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.action import RefusalReason, Verb
from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.courier import Trail, TrailNode
from bot.domain.evidence import Evidence, EvidenceKind
from bot.domain.facts import Fact, Known
from bot.domain.ids import RunId
from bot.domain.outcome import CaseStatus
from bot.domain.proofs import OF_REFUSAL, Demand, ProofStanding
from bot.errors import ProofRefused
from bot.ledger import proofs
from bot.runner.proofs import OK, Asked, ProofDesk
from tests.simulation.harness import World
from tests.simulation.model_shop import snapshot_of
from tests.simulation.model_world import START
from tests.simulation.proof_kit import ToldPictures
from tests.simulation.test_by_hand import PARCEL, carry_out, line, sound, verdict, watched
from tests.unit.engine.proofs.sheets import page

SIGNED_FOR = OF_REFUSAL[RefusalReason.SIGNED_FOR]
RUN = RunId("run-proofs")
NUMBER = "SF1234567890123"
WHEN = START - timedelta(hours=3)
GOOD = (f"运单号：{NUMBER}", "您的快件已签收", f"{WHEN:%Y-%m-%d %H:%M}", "杭州市")
NO_NUMBER = ("您的快件已签收", f"{WHEN:%Y-%m-%d %H:%M}", "杭州市")


class Bench:
    """One world with one proof desk, and cases of a signed parcel."""

    def __init__(self) -> None:
        self.world = World(seed=1, cases=3, kinds=("worn",))
        self.pictures = ToldPictures()
        kit = replace(self.world.kit(), reader=self.pictures)
        self.desk = ProofDesk(kit, RUN, self.pictures)
        self.world.ledger.open_run(RUN, self.snapshot(0).key.shop, "act", "c", "p")

    def snapshot(self, number: int) -> Snapshot:
        case = self.world.shop.cases[f"{number:04d}"]
        shown = snapshot_of(case, START)
        assert shown.forward is not None
        return shown.model_copy(update={"forward": shown.forward.model_copy(update={"waybill": NUMBER})})

    def picture(self, name: str, *rows: str, kind: EvidenceKind = EvidenceKind.INBOX, looks: str = "") -> Evidence:
        sha256 = Sha256(hashlib.sha256(name.encode()).hexdigest())
        size = {"media_type": "image/png", "size": 1, "width": 1, "height": 1}
        kept = Evidence(sha256=sha256, kind=kind, origin=f"inbox:{name}", taken_at=START, **size)
        return self.pictures.tell(kept, *page(*rows), looks=looks)

    async def chosen(
        self,
        own: Sequence[Evidence] = (),
        given: Sequence[Evidence] = (),
        *,
        number: int = 0,
        needs_given: bool = False,
    ) -> tuple[str, ...]:
        asked = Asked(self.snapshot(number), _trails(), SIGNED_FOR, needs_given, 3)
        return tuple(one.origin for one in await self.desk.chosen(asked, own, given))

    async def refused(
        self, own: Sequence[Evidence] = (), given: Sequence[Evidence] = (), number: int = 0
    ) -> ProofRefused:
        with pytest.raises(ProofRefused) as refusal:
            await self.chosen(own, given, number=number)
        return refusal.value


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _trails() -> dict[str, Fact[Trail]]:
    world = World(seed=1, cases=1, kinds=("worn",))
    told = world.kit().courier._trail("W0000")  # type: ignore[attr-defined] # the model courier's own
    assert isinstance(told, Known)
    node = TrailNode(at=WHEN, city="杭州", status="已签收", text="已签收")
    trail = told.value.model_copy(update={"waybill": NUMBER, "nodes": (node, *told.value.nodes)})
    return {NUMBER: told.model_copy(update={"value": trail})}


async def test_own_picture_that_shows_all_goes_out_and_the_inbox_is_not_read(bench: Bench) -> None:
    own, more = bench.picture("trail", *GOOD, kind=EvidenceKind.TRAIL), bench.picture("more.png", *GOOD)
    assert await bench.chosen([own], [more]) == ("inbox:trail",)
    assert bench.pictures.read_ == [own.sha256]


async def test_own_picture_of_another_parcel_holds_the_case(bench: Bench) -> None:
    own = bench.picture("trail", "运单号：SF1234567890124", *NO_NUMBER, kind=EvidenceKind.TRAIL)
    refusal = await bench.refused([own], [bench.picture("good.png", *GOOD)])
    assert refusal.reason_code == "proof.contradicts"
    assert refusal.params["seen"] == "SF1234567890124"


async def test_fewest_pictures_of_the_inbox_are_chosen_and_bad_ones_left(bench: Bench) -> None:
    wrong = bench.picture("a.png", "运单号：YT5546317000021", *NO_NUMBER)
    half, rest = bench.picture("b.png", *NO_NUMBER), bench.picture("c.png", f"运单号：{NUMBER}")
    assert await bench.chosen(given=[wrong, half, rest], needs_given=True) == ("inbox:b.png", "inbox:c.png")
    assert await bench.chosen(given=[wrong, half, rest, bench.picture("d.png", *GOOD)]) == ("inbox:d.png",)


async def test_what_is_missing_is_told_in_words(bench: Bench) -> None:
    refusal = await bench.refused(given=[bench.picture("a.png", *NO_NUMBER)])
    assert (refusal.reason_code, refusal.params["missing"]) == ("proof.missing", Demand.WAYBILL)


async def test_unreadable_picture_is_not_sent(bench: Bench) -> None:
    assert (await bench.refused(given=[bench.picture("cat.png")])).reason_code == "proof.unreadable"


async def test_picture_without_our_number_that_served_another_case_is_refused_with_that_case_named(
    bench: Bench,
) -> None:
    looks = "0123456789abcdef0123456789abcdef"
    number = bench.picture("n.png", f"运单号：{NUMBER}")
    first, again = bench.picture("x.png", *NO_NUMBER, looks=looks), bench.picture("y.png", *NO_NUMBER, looks=looks)
    assert await bench.chosen(given=[first, number]) == ("inbox:x.png", "inbox:n.png")
    assert await bench.chosen(given=[first, number]) == ("inbox:x.png", "inbox:n.png")  # its own case may use it again
    refusal = await bench.refused(given=[again], number=1)
    assert (refusal.reason_code, refusal.params["other"]) == ("proof.used", "0000")


async def test_alike_page_that_names_our_own_number_is_ours_but_the_very_same_bytes_are_not(bench: Bench) -> None:
    looks = "0123456789abcdef0123456789abcdef"
    first, alike = bench.picture("x.png", *GOOD, looks=looks), bench.picture("y.png", *GOOD, looks=looks)
    await bench.chosen(given=[first])
    assert await bench.chosen(given=[alike], number=1) == ("inbox:y.png",)
    assert (await bench.refused(given=[first], number=2)).reason_code == "proof.used"


async def test_own_trail_pictures_look_alike_and_serve_every_case(bench: Bench) -> None:
    own = bench.picture("trail", *GOOD, kind=EvidenceKind.TRAIL, looks="0123456789abcdef0123456789abcdef")
    assert await bench.chosen([own]) == await bench.chosen([own], number=1) == ("inbox:trail",)


async def test_ledger_tells_what_was_read_and_the_verdict_of_each_picture(bench: Bench) -> None:
    await bench.refused(given=[bench.picture("a.png", *NO_NUMBER)])
    await bench.chosen(given=[bench.picture("d.png", *GOOD)])
    with bench.world.ledger._store.reading() as db:
        check = proofs.check_of(db, bench.snapshot(0).key)
    assert check is not None
    assert (check.outcome, [look.standing for look in check.looks]) == (OK, [ProofStanding.OK])
    assert check.looks[0].read == (NUMBER, f"{WHEN:%Y-%m-%d %H:%M}")


REFUSES = {"verb": Verb.REFUSE, "refusal": RefusalReason.IN_TRANSIT, "message": "商品在途，请您收货后再联系我们"}
SCANNED = f"{START - timedelta(hours=20):%Y-%m-%d %H:%M}"


async def refused_by_hand(*rows: str, must_read: bool = False, reads: bool = True) -> World:
    """A person refuses a parcel in transit; the courier's picture says `rows`."""
    world = await watched()
    told = ToldPictures()
    told.tell(world.evidence.put(b"", EvidenceKind.TRAIL, "courier"), *page(*rows))
    world.reader, world.must_read = told if reads else None, must_read
    await carry_out(world, verdict(world, PARCEL, **REFUSES))
    return world


async def test_refusal_whose_picture_shows_all_goes_out_and_the_report_has_what_was_read() -> None:
    world = await refused_by_hand("W0001", "上海", SCANNED, "已揽收")
    assert world.ours == {(PARCEL, Verb.REFUSE): 1}
    check = line(world, PARCEL).proofs
    assert check is not None
    assert check.outcome == OK
    assert check.looks[0].sent
    assert sound(world)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (("W0001", "上海", "已揽收"), "proof.missing"),
        (("W0001", "W00012345678901", "上海", SCANNED, "已揽收"), "proof.unreadable"),
        (("YT5546317000021", "上海", SCANNED, "已揽收"), "proof.contradicts"),
        (("W0001", "上海", SCANNED, "您的快件已签收"), "proof.contradicts"),
        ((), "proof.unreadable"),
    ],
)
async def test_refusal_whose_picture_does_not_stand_sends_nothing_and_says_why(
    rows: tuple[str, ...], code: str
) -> None:
    world = await refused_by_hand(*rows)
    assert not world.ours
    held = line(world, PARCEL)
    assert (held.status, held.reasons[0].code) == (CaseStatus.HELD, code)
    assert held.proofs is not None
    assert [picture.sha256 for picture in held.evidence] == [look.sha256 for look in held.proofs.looks]
    assert sound(world)


async def test_pc_that_reads_nothing_sends_as_before_unless_the_settings_demand_reading() -> None:
    assert (await refused_by_hand(reads=False)).ours == {(PARCEL, Verb.REFUSE): 1}
    world = await refused_by_hand(reads=False, must_read=True)
    assert not world.ours
    assert line(world, PARCEL).reasons[0].code == "proof.unread"
