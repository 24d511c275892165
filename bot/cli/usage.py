"""A command that was written wrongly is told like any other error: what and the cure, in the operator's language, or as JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from bot.catalogue import Catalogue, language_of
from bot.cli.front import Front
from bot.errors import ConfigError

_QUOTED = r"'[^']*'"
_AT = rf"Invalid value for (?P<target>{_QUOTED})(?: \(env var: {_QUOTED}\))?: (?:Value error, )?"

_SAID: Sequence[tuple[str, str]] = (
    (rf"Missing option (?P<target>{_QUOTED}) \(env var: (?P<raw>{_QUOTED})\)\.", "usage.no_option_or_variable"),
    (rf"Missing option (?P<target>{_QUOTED})\.", "usage.no_option"),
    (rf"Missing argument (?P<target>{_QUOTED})\.", "usage.no_argument"),
    (r"No such option: (?P<raw>\S+) \(Possible options: (?P<target>.+)\)", "usage.unknown_option_near"),
    (r"No such option: (?P<raw>\S+)", "usage.unknown_option"),
    (r"No such command (?P<raw>'.*')\. Did you mean (?P<target>.+)\?", "usage.unknown_command_near"),
    (r"No such command (?P<raw>'.*')\.", "usage.unknown_command"),
    (rf"Option (?P<target>{_QUOTED}) requires an argument\.", "usage.no_value"),
    (rf"Option (?P<target>{_QUOTED}) does not take a value\.", "usage.takes_no_value"),
    (r"Got unexpected extra argument\(s\) \((?P<raw>.*)\)", "usage.too_much"),
    (rf"{_AT}.* is not one of (?P<raw>.+)\.", "usage.choice"),
    (rf"{_AT}Input should be greater than or equal to (?P<raw>.+)", "usage.at_least"),
    (rf"{_AT}Input should be less than or equal to (?P<raw>.+)", "usage.at_most"),
    (rf"{_AT}Input should be a valid integer.*", "usage.whole_number"),
    (rf"{_AT}\w+ (?P<raw>'.*') does not exist\.", "usage.not_there"),
    (rf"{_AT}\w+ (?P<raw>'.*') is a file\.", "usage.is_file"),
    (rf"{_AT}\w+ (?P<raw>'.*') is a directory\.", "usage.is_folder"),
    (rf"{_AT}\w+ (?P<raw>'.*') is not readable\.", "usage.not_readable"),
)
"""What Typer says, and the code of the same in our words. It has no codes of its own; what is not listed is shown as it says it."""


class Commands(TyperGroup):
    """The whole program; a wrong command ends with code 2 and one object under `--json`, as every other error does."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - Typer's own signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - as above
        **extra: Any,
    ) -> Any:
        """As Typer's own; only what it would print of a mistake is said by us."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)  # noqa: FBT003 - as above
        words, say = list(sys.argv[1:] if args is None else args), Catalogue(language_of())
        if not words or "--help" in words:
            _head_in(say)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)  # noqa: FBT003 - as above
        except typer.TyperException as mistake:
            code = mistake.exit_code
            if mistake.format_message():  # else there were no words at all, and its help was printed already
                Front(say, as_json="--json" in words).failed(as_error(mistake))
        sys.exit(code or 0)


def as_error(mistake: typer.TyperException) -> ConfigError:
    """The mistake as an error of ours; its page is the command to ask for help about."""
    said = mistake.format_message()
    page = getattr(getattr(mistake, "ctx", None), "command_path", "refundpilot")
    for pattern, code in _SAID:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return ConfigError(said, page=page, **found.groupdict(), code=code)
    return ConfigError(said, page=page, code="usage.other")


def _head_in(say: Catalogue) -> None:
    """The headings of a help page. Imported late: Typer loads this only for help, and `stop` cannot wait."""
    from typer import rich_utils  # noqa: PLC0415 - see above: only help needs it

    rich_utils.ARGUMENTS_PANEL_TITLE = say.text_of("usage.arguments")
    rich_utils.OPTIONS_PANEL_TITLE = say.text_of("usage.options")
    rich_utils.COMMANDS_PANEL_TITLE = say.text_of("usage.commands")
    rich_utils.DEFAULT_STRING = f"[{say.text_of('usage.default')}: {{}}]"
    rich_utils.ENVVAR_STRING = f"[{say.text_of('usage.variable')}: {{}}]"
    rich_utils.REQUIRED_LONG_STRING = f"[{say.text_of('usage.required')}]"
