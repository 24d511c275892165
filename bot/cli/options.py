"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.catalogue import Catalogue, language_of

_HELP = Catalogue(language_of())


def helped(key: str) -> str:
    """The help text of a command or option."""
    return _HELP.text_of(f"help.{key}")


HomeOption = Annotated[
    Path, typer.Option("--home", envvar="REFUNDPILOT_HOME", file_okay=False, help=helped("home"), show_envvar=True)
]
MaybeHomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="REFUNDPILOT_HOME", file_okay=False, help=helped("home"), show_envvar=True),
]
JsonOption = Annotated[bool, typer.Option("--json", help=helped("json"))]
