"""Channels and ladder of the settings: names resolve, addresses fit, secrets stand apart; mistakes have their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import BadConfig, load_home
from bot.config.channels import Alarms, Channel
from tests.unit.config.homes import line_of, trial_home
from tests.unit.config.test_credentials import MemoryVault

CHANNELS = """
[[channel]]
name = "desk"
kind = "dingtalk"

[[channel]]
name = "post"
kind = "mail"
url = "smtps://smtp.example"
account = "bot"
sender = "bot@example.invalid"
to = ["a@example.invalid"]

[[channel]]
name = "phone"
kind = "voice"
url = "https://voice.example/call"
signed = false
to = ["13800000000"]

[[alarms.rung]]
channels = ["desk", "post"]
wait_minutes = 0

[[alarms.rung]]
channels = ["phone"]
"""
SECRETS = """
[channel."desk"]
token = "canary-token"
secret = "canary-secret"

[channel."post"]
password = "canary-mail"
"""


def home_with(root: Path, channels: str = CHANNELS, secrets: str = SECRETS) -> Path:
    home = trial_home(root)
    for name, text in (("refundpilot.toml", channels), ("credentials.toml", secrets)):
        file = home / name
        mode = file.stat().st_mode
        file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
        file.chmod(mode)
    return home


def problems(home: Path) -> list[str]:
    with pytest.raises(BadConfig) as bad:
        load_home(home)
    return [str(problem) for problem in bad.value.problems]


def test_channels_come_with_their_secrets_and_no_settings_have_them(tmp_path: Path) -> None:
    home = load_home(home_with(tmp_path))
    found = [home.channel_secret("desk", "token"), home.channel_secret("post", "password")]
    assert [one.get_secret_value() for one in found if one] == ["canary-token", "canary-mail"]
    assert home.channel_secret("phone", "secret") is None
    assert "canary" not in home.settings.model_dump_json()
    assert "canary" not in repr(home)


def test_the_keyring_may_have_a_channels_secrets(tmp_path: Path) -> None:
    vault = MemoryVault(
        {
            "refundpilot/channel/desk:token": "from-the-keyring",
            "refundpilot/channel/desk:secret": "s",
            "refundpilot/channel/post:bot": "p",
        }
    )
    home = load_home(home_with(tmp_path, secrets=""), vault=vault)
    secret = home.channel_secret("desk", "token")
    assert secret is not None
    assert secret.get_secret_value() == "from-the-keyring"


def test_a_secret_that_is_missing_or_belongs_to_nobody_is_told_with_its_place(tmp_path: Path) -> None:
    home = home_with(tmp_path, secrets='\n[channel."desk"]\ntoken = "canary"\n[channel."dsek"]\nsecret = "x"\n')
    told = problems(home)
    line = line_of(home / "credentials.toml", 'secret = "x"')
    assert any('channel."desk".secret' in one and "refundpilot/channel/desk" in one for one in told)
    assert any('channel."post".password' in one for one in told)
    assert any(f"credentials.toml:{line}" in one and 'did you mean channel."desk".secret' in one for one in told)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        (
            'channels = ["phone"]',
            'channels = ["phnoe"]',
            "alarms.rung[2].channels",
            "no [[channel]] has the name phnoe",
        ),
        ('channels = ["phone"]', "channels = []", "alarms.rung[2].channels", "must not be empty"),
        ('name = "post"', 'name = "desk"', "channel[2].name", "twice"),
        ('kind = "voice"', 'kind = "pager"', "channel[3].kind", "'pager' is not one of"),
        ('url = "https://voice.example/call"\n', "", "channel[3].url", "a channel of kind voice needs it"),
        ('to = ["13800000000"]\n', "", "channel[3].to", "a channel of kind voice needs it"),
        ('"https://voice.example/call"', '"http://voice.example/call"', "channel[3].url", "not an https:// address"),
        ('"https://voice.example/call"', '"https://a:b@voice.example"', "channel[3].url", "not an https:// address"),
        ('"https://voice.example/call"', '"smtps://voice.example"', "channel[3].url", "smtps:// does not go with"),
        ('"smtps://smtp.example"', '"https://smtp.example"', "channel[2].url", "https:// does not go with"),
        ('"smtps://smtp.example"', '"smtps://bot@smtp.example"', "channel[2].url", "not an https:// address"),
        ('sender = "bot@example.invalid"\n', "", "channel[2].sender", "a channel of kind mail needs it"),
        ("wait_minutes = 0", "wait_minutes = -1", "alarms.rung[1].wait_minutes", "below the least"),
        ("wait_minutes = 0", "wait = 0", "alarms.rung[1].wait", "did you mean wait_minutes"),
        ('name = "post"', 'name = "po st"', "channel[2].name", "only letters"),
    ],
)
def test_mistakes_are_told_with_line_and_key(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in CHANNELS
    told = problems(home_with(tmp_path, CHANNELS.replace(old, new, 1)))
    assert any(f": {place}: " in one and words in one and "refundpilot.toml:" in one for one in told), told


@pytest.mark.parametrize("hours", ['"25:00-08:00"', '"22:00"', "8", '"08:00-08:00"'])
def test_quiet_hours_that_are_none_are_refused(tmp_path: Path, hours: str) -> None:
    home = trial_home(tmp_path)
    file = home / "refundpilot.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('# quiet_hours = "22:00-08:00"', f"quiet_hours = {hours}"), encoding="utf-8")
    (told,) = problems(home)
    assert "alarms.quiet_hours" in told


def test_robots_have_their_makers_address_and_need_what_their_kind_needs() -> None:
    def channel(kind: str, **more: object) -> Channel:
        return Channel.model_validate({"name": "c", "kind": kind, **more})

    assert channel("dingtalk").address == "https://oapi.dingtalk.com/robot/send"
    assert channel("feishu", url="https://open.larksuite.com/open-apis/bot/v2/hook").address.startswith(
        "https://open.l"
    )
    assert channel("dingtalk").secrets == ("token", "secret")
    assert channel("feishu", signed=False).secrets == ("token",)
    assert channel("wecom").secrets == ("token",)
    assert channel("mail", account="a").secrets == ("password",)
    assert channel("mail").secrets == ()
    assert channel("webhook", url="https://h.example").secrets == ("secret",)


def test_a_home_without_a_word_about_alarms_has_the_defaults(tmp_path: Path) -> None:
    home = trial_home(tmp_path)
    assert load_home(home).settings.alarms == Alarms()
    assert load_home(home).settings.channel == ()
