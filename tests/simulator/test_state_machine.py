"""Claims about writes, versions, deadlines and money: the world refuses what a real back end refuses."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from simulator.world.errors import Code, WorldError
from simulator.world.model import Actor, Case, CaseState, Verb
from tests.simulator.conftest import Stage, Staging

JPEG = b"\xff\xd8\xff\xe0" + b"picture"


def refused(code: Code, call: Callable[..., object], *values: object, **named: object) -> None:
    with pytest.raises(WorldError) as caught:
        call(*values, **named)
    assert caught.value.code is code


def test_agreeing_pays_exactly_once_and_counts_the_resend(stage: Staging) -> None:
    scene = stage()
    case, world = scene.one("unshipped_full"), scene.world
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version
    world.agree_refund(*args)
    refused(Code.STATE_CHANGED, world.agree_refund, *args)
    assert case.state is CaseState.SUCCESS
    assert case.order.refunded_fen == case.order.paid_fen
    assert scene.effects(case) == [(scene.clerk.label, "agree_refund", case.amount_fen, 2)]


def test_a_stale_version_or_another_amount_changes_nothing(stage: Staging) -> None:
    scene = stage()
    case, world = scene.one("unshipped_full"), scene.world
    ident, amount, version = case.aftersale_id, case.amount_fen, case.version
    refused(Code.VERSION_CHANGED, world.agree_refund, scene.clerk, ident, amount, version - 1)
    refused(Code.AMOUNT_MISMATCH, world.agree_refund, scene.clerk, ident, amount + 1, version)
    assert (case.state, case.version, scene.effects(case)) == (CaseState.WAIT_SELLER, version, [])


def test_every_change_raises_the_version(stage: Staging) -> None:
    scene = stage()
    case = scene.one("unshipped_full")
    seen = [case.version]
    for act in (
        lambda: scene.world.buyers.edit(case, case.amount_fen - 1, case.reason),
        lambda: scene.world.remark(scene.clerk, case.aftersale_id, "已联系"),
        lambda: scene.world.buyers.withdraw(case),
    ):
        act()
        seen.append(case.version)
    assert seen == sorted(set(seen))
    assert case.state is CaseState.CLOSED


def test_another_shops_case_does_not_exist(stage: Staging) -> None:
    scene = stage("two-shops")
    other = next(case for case in scene.cases() if case.shop_id != scene.clerk.shop_id)
    refused(Code.NOT_FOUND, scene.world.case, scene.clerk, other.aftersale_id)
    refused(Code.NOT_FOUND, scene.world.agree_refund, scene.clerk, other.aftersale_id, other.amount_fen, other.version)


def test_a_limited_account_cannot_agree_to_refunds(stage: Staging) -> None:
    scene = stage("limited")
    case = scene.one("unshipped_full")
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version
    refused(Code.NO_PERMISSION, scene.world.agree_refund, *args)
    assert case.state is CaseState.WAIT_SELLER


def test_a_large_sum_needs_the_code_from_the_phone(stage: Staging) -> None:
    scene = stage(cases=600)
    case = next(case for case in scene.cases("large_sum") if case.amount_fen >= 300_000)
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version
    refused(Code.NEED_SMS, scene.world.agree_refund, *args)
    refused(Code.NEED_SMS, scene.world.agree_refund, *args, "no")
    scene.world.agree_refund(*args, scene.world.store.sms_codes[case.aftersale_id])
    assert scene.effects(case) == [(scene.clerk.label, "agree_refund", case.amount_fen, 1)]


def test_a_return_goes_its_way_to_the_refund(stage: Staging) -> None:
    scene = stage()
    case = next(case for case in scene.cases("return_wanted") if case.truth.sends_back)
    address = scene.world.return_addresses(scene.clerk)[0]
    scene.world.agree_return(scene.clerk, case.aftersale_id, case.amount_fen, case.version, address.address_id, "谢谢")
    assert (case.state, case.return_city) == (CaseState.WAIT_BUYER_RETURN, address.city)
    scene.pass_until(lambda: case.inbound.at)
    assert scene.label(case) == ["agree_refund", "agree_return"]
    scene.world.confirm_receipt(scene.clerk, case.aftersale_id, case.amount_fen, case.version)
    assert [verb for _, verb, _, _ in scene.effects(case)] == ["agree_return", "ship_return", "agree_refund"]


def test_a_signed_return_cuts_the_deadline_to_48_hours(stage: Staging) -> None:
    scene = stage()
    case = next(case for case in scene.cases("return_wanted") if case.truth.sends_back)
    address = scene.world.return_addresses(scene.clerk)[0].address_id
    scene.world.agree_return(scene.clerk, case.aftersale_id, case.amount_fen, case.version, address)
    scene.pass_until(lambda: case.inbound.at, step_hours=1)
    assert (case.deadline_at - scene.world.now()).total_seconds() <= 48 * 3600


def test_a_buyer_who_sends_nothing_lets_the_case_lapse(stage: Staging) -> None:
    scene = stage(cases=600)
    case = next(case for case in scene.cases("return_wanted") if not case.truth.sends_back)
    address = scene.world.return_addresses(scene.clerk)[0].address_id
    scene.world.agree_return(scene.clerk, case.aftersale_id, case.amount_fen, case.version, address)
    scene.pass_hours(24 * 7 + 1)
    assert case.state is CaseState.CLOSED
    assert scene.effects(case)[-1][:2] == ("platform", "close")


def test_every_missed_deadline_is_acted_on_by_the_platform(stage: Staging) -> None:
    scene = stage(cases=200)
    scene.pass_hours(5 * 24 + 1)
    late = {e.aftersale_id: e for e in scene.world.store.effects.all if e.actor == "platform"}
    for case in scene.cases():
        withdrawn = any(verb == "withdraw" for _, verb, _, _ in scene.effects(case))
        assert withdrawn or case.aftersale_id in late or case.deadline_at > scene.world.now(), case
    for case in scene.cases("in_transit"):
        assert case.state in {CaseState.SUCCESS, CaseState.CLOSED}


def test_refusals_are_barred_where_the_platform_bars_them(stage: Staging) -> None:
    scene = stage()
    case = scene.one("unshipped_full")
    assert scene.world.refusal_form(scene.clerk, case.aftersale_id).barred
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version
    refused(Code.REFUSE_BARRED, scene.world.refuse, *args, "OTHER", "不同意退款", force=True)


def test_a_demanded_proof_is_demanded_and_recorded(stage: Staging) -> None:
    scene = stage(cases=300)
    case = next(case for case in scene.cases("signed_for") if case.proof_demanded)
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version, "SIGNED", "物流显示已签收"
    refused(Code.NEED_PROOF, scene.world.refuse, *args)
    refused(Code.BAD_REQUEST, scene.world.refuse, *args, ["0" * 64])
    proof = scene.world.upload_proof(scene.clerk, case.aftersale_id, JPEG)
    scene.world.refuse(*args, [proof.sha256])
    assert case.state is CaseState.SELLER_REFUSED
    assert scene.world.store.effects.all[-1].evidence == (proof.sha256,)


def test_forcing_a_refusal_without_proof_ends_with_the_platform_paying(stage: Staging) -> None:
    scene = stage(cases=300)
    case = next(case for case in scene.cases("signed_for") if case.proof_demanded)
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version, "SIGNED", "物流显示已签收"
    scene.world.refuse(*args, force=True)
    scene.pass_hours(100)
    assert [(actor, verb) for actor, verb, _, _ in scene.effects(case)][1:] == [
        ("buyer", "intervene"),
        ("platform", "agree_refund"),
    ]


def test_the_refusal_message_has_its_length(stage: Staging) -> None:
    scene = stage()
    case = scene.one("signed_for")
    args = scene.clerk, case.aftersale_id, case.amount_fen, case.version, "SIGNED"
    for message in ("", "短", "长" * 201):
        refused(Code.BAD_REQUEST, scene.world.refuse, *args, message, force=True)
    refused(Code.BAD_REQUEST, scene.world.refuse, *args[:-1], "NO_SUCH", "物流显示已签收", force=True)


@pytest.mark.parametrize("content", [b"<html>", JPEG + b"0" * 130_000, b""])
def test_bad_uploads_are_refused(stage: Staging, content: bytes) -> None:
    scene = stage()
    refused(Code.BAD_REQUEST, scene.world.upload_proof, scene.clerk, scene.one("signed_for").aftersale_id, content)


def test_three_proofs_are_enough(stage: Staging) -> None:
    scene = stage()
    ident = scene.one("signed_for").aftersale_id
    for n in range(3):
        assert scene.world.upload_proof(scene.clerk, ident, JPEG + bytes([n])).index == n + 1
    refused(Code.BAD_REQUEST, scene.world.upload_proof, scene.clerk, ident, JPEG + b"4")
    assert scene.world.upload_proof(scene.clerk, ident, JPEG + bytes([1])).index == 2


def test_the_same_remark_again_is_a_resend(stage: Staging) -> None:
    scene = stage()
    case = scene.one("difference_due")
    scene.world.remark(scene.clerk, case.aftersale_id, "邀请评价", "red")
    scene.world.remark(scene.clerk, case.aftersale_id, "邀请评价", "red")
    scene.world.remark(scene.clerk, case.aftersale_id, "另一条", "red")
    assert [note.text for note in case.remarks] == ["邀请评价", "另一条"]
    assert [requests for *_, requests in scene.effects(case)] == [2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_no_sequence_of_requests_pays_a_case_twice_or_beyond_the_claim(stage: Staging, seed: int) -> None:
    """A storm of well-formed and malformed writes by three people while days go by."""
    scene, rng = stage(seed=seed, cases=60), random.Random(seed)
    actors = [Actor(f"seller:{n}", scene.clerk.shop_id, scene.clerk.rights) for n in range(3)]
    for _ in range(1_500):
        case = rng.choice(scene.cases())
        try:
            _any_write(scene, rng, rng.choice(actors), case)
        except WorldError as error:
            assert error.message  # noqa: PT017 - any refusal will do, but it must say something
        if rng.random() < 0.02:
            scene.pass_hours(rng.uniform(0.1, 9))
    for case in scene.cases():
        paid = [
            e
            for e in scene.world.store.effects.all
            if (e.aftersale_id, e.verb) == (case.aftersale_id, Verb.AGREE_REFUND)
        ]
        assert len(paid) <= 1
        assert all(effect.amount_fen == case.amount_fen for effect in paid)
        assert len([e for e in scene.effects(case) if e[1] == "intercept"]) <= 1
        assert [entry.at for entry in case.negotiation] == sorted(entry.at for entry in case.negotiation)


def _any_write(scene: Stage, rng: random.Random, actor: Actor, case: Case) -> None:
    world, ident = scene.world, case.aftersale_id
    amount = rng.choice((case.amount_fen, case.amount_fen, case.amount_fen + 1, 0))
    version = rng.choice((case.version, case.version, case.version - 1))
    parcel = world.parcel(case.order.forward)
    match rng.randrange(7):
        case 0:
            world.agree_refund(actor, ident, amount, version)
        case 1:
            world.agree_return(actor, ident, amount, version, rng.choice(("A00", "A01", "?")))
        case 2:
            world.confirm_receipt(actor, ident, amount, version)
        case 3:
            world.refuse(
                actor, ident, amount, version, rng.choice(("OTHER", "SIGNED")), "不同意", force=rng.random() < 0.5
            )
        case 4:
            world.intercept_commit(
                actor, ident, version, parcel.waybill if parcel else "", parcel.fee_fen if parcel else 0
            )
        case 5:
            world.buyers.edit(case, max(1, case.amount_fen - rng.randint(0, 9)), case.reason)
        case _:
            world.remark(actor, ident, f"记录{rng.randrange(3)}")
