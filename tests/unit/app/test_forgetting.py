"""Claims about erasing a buyer from a home: nothing that tells of them stays but sums, marks and chain; a look changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app.forgetting import forget
from bot.cli.commands import cli
from bot.config import Home, HomeFiles, load_home, write_home
from bot.domain.ids import ShopKey
from bot.errors import ConfigError, Sight
from bot.evidence.failures import FOLDER, FailureFolder
from bot.ledger import SqlReader, audit
from bot.ports.failures import Failure
from tests.unit.ledger.story import BUYER, RUN, SHOP, evidence, key, story_at

STRANGERS = "a99"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A refund with its picture and a hold of one buyer; reports, failures and own pictures of theirs and of somebody else's."""
    files = HomeFiles(tmp_path / "home")
    write_home(files.root)
    story = story_at(files.ledger)
    story.whole(1)
    story.ledger.keep(RUN, key(1), evidence())
    story.judge(2)
    story.ledger.hold(RUN, story.hold(2))
    story.ledger.close()
    kept = files.evidence / "ab" / f"{evidence().sha256}.png"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a picture")
    files.reports.mkdir(parents=True, exist_ok=True)
    for name, case in (("sweep-1", "a1"), ("sweep-2", STRANGERS)):
        (files.reports / f"{name}.html").write_text(f"<p>{case}</p>", encoding="utf-8")
        (files.reports / f"{name}.xlsx").write_bytes(b"")
    bundles = FailureFolder(files.root / FOLDER)
    for case in ("a2", STRANGERS):
        failure = Failure(run=RUN, shop=SHOP, case_id=case, code="error.page", page="", target="", detail="")
        assert bundles.keep(failure, Sight(b"", f"<html>{BUYER}"))
    return load_home(files.root, with_logins=False)


def traces(home: Home) -> set[str]:
    """Files of the home, but for the ledger's and those of the look itself."""
    return {
        str(file.relative_to(home.path))
        for folder in ("evidence", "reports", FOLDER)
        for file in (home.path / folder).rglob("*")
        if file.is_file()
    }


async def test_what_tells_of_a_buyer_goes_and_the_books_stay(home: Home) -> None:
    before = traces(home)
    told = await forget(home, SHOP, BUYER, dry_run=False)
    assert (told.cases, told.open_cases, told.pictures, told.bundles, told.reports) == (("a1", "a2"), 1, 1, 1, 2)
    gone = before - traces(home)
    assert {Path(name).parts[0] for name in gone} == {"evidence", "reports", FOLDER}
    assert all(STRANGERS in name or "sweep-2" in name for name in traces(home))
    assert BUYER.encode() not in b"".join(file.read_bytes() for file in home.path.glob("ledger.db*"))
    with SqlReader(home.files.ledger) as reader:
        assert reader.buyer_cases(SHOP, BUYER) == ()
        assert audit(reader.engine, None).findings == ()


async def test_a_look_counts_and_changes_nothing(home: Home) -> None:
    before = traces(home)
    told = await forget(home, SHOP, BUYER, dry_run=True)
    assert (told.cases, told.bundles, told.reports) == (("a1", "a2"), 1, 2)
    assert traces(home) == before
    with SqlReader(home.files.ledger) as reader:
        assert len(reader.buyer_cases(SHOP, BUYER)) == 2


async def test_own_pictures_of_their_orders_are_named_and_left(home: Home) -> None:
    with SqlReader(home.files.ledger) as reader:
        order = reader.buyer_cases(SHOP, BUYER)[0][1]
    folder = home.files.inbox / order
    folder.mkdir(parents=True)
    told = await forget(home, SHOP, BUYER, dry_run=False)
    assert told.inbox == (str(folder),)
    assert folder.is_dir()


@pytest.mark.parametrize(("shop", "name"), [(SHOP, "nobody"), (ShopKey(platform="taobao", shop_id="other"), BUYER)])
async def test_a_name_that_nobody_has_is_told(home: Home, shop: ShopKey, name: str) -> None:
    with pytest.raises(ConfigError) as told:
        await forget(home, shop, name, dry_run=False)
    assert told.value.reason_code == "forget.nobody"


def test_the_command_asks_for_a_shop_of_the_settings_and_says_what_is_missing(home: Home) -> None:
    said = CliRunner().invoke(
        cli, ["forget", "--home", str(home.path), "--shop", str(home.settings.shop[0].key), "--buyer", "nobody"]
    )
    assert said.exit_code == 2
    assert "refundpilot.toml" in said.output
