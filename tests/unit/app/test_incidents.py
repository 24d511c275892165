"""What pages do that nobody asked for is told, once each, as loud as it matters."""

from __future__ import annotations

import pytest

from bot.alerts.log import AlarmBook
from bot.app.incidents import Incidents
from bot.browser.nuisances import Incident, Nuisance
from bot.domain.ids import ShopKey
from bot.ports.notifier import Urgency

SHOP = ShopKey(platform="test", shop_id="s1")
PAGE = "http://shop/detail"


@pytest.mark.parametrize(
    ("kind", "urgency"),
    [(Nuisance.POPUP, Urgency.INFO), (Nuisance.DIALOG, Urgency.WARN), (Nuisance.CRASH, Urgency.WARN)],
)
def test_each_kind_is_told_with_page_and_words(kind: Nuisance, urgency: Urgency) -> None:
    book = AlarmBook()
    Incidents(book, SHOP)(Incident(kind, PAGE, "confirm: 确认退款？"))
    (alarm,) = book.of(SHOP)
    assert (alarm.urgency, alarm.reason.code) == (urgency, f"incident.{kind}")
    assert alarm.reason.params == {"page": PAGE, "raw": "confirm: 确认退款？"}


def test_a_page_that_repeats_itself_is_told_of_once() -> None:
    book = AlarmBook()
    told = Incidents(book, SHOP)
    for text in ("a", "a", "b", "a"):
        told(Incident(Nuisance.DIALOG, PAGE, text))
    assert [alarm.reason.params["raw"] for alarm in book.alarms] == ["a", "b"]
