"""Finds the data that is shipped beside the code: at the root of a checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE.parent, _PACKAGE / "_shipped")


def shipped(name: str) -> Path:
    """Path of a shipped file or folder, such as `selectors` or `policy.example.toml`.

    Raises:
        FileNotFoundError: neither the checkout nor the installed package has it.
    """
    for place in _PLACES:
        # a stray file of that name in site-packages is no checkout: a checkout has pyproject.toml beside it
        if (place / name).exists() and (place.name == "_shipped" or (place / "pyproject.toml").exists()):
            return place / name
    raise FileNotFoundError(f"{name} is neither in {_PLACES[0]} nor in {_PLACES[1]}")
