"""Which of the two languages an operator reads: by setting, or by the locale of the PC."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The languages that the catalogue is written in."""

    ZH = "zh"
    EN = "en"


def language_of(setting: str = "auto", environ: Mapping[str, str] | None = None) -> Language:
    """Turn the setting (`auto`, `zh`, `en`, also `zh-CN`) into a language; `auto` asks the locale of the PC.

    Raises:
        ValueError: a setting that is none of the known ones; never guessed.
    """
    if setting == "auto":
        return Language.ZH if _speaks_chinese(_locale(os.environ if environ is None else environ)) else Language.EN
    return Language(setting.replace("_", "-").split("-")[0].lower())


def _speaks_chinese(name: str) -> bool:
    """POSIX says zh_CN.UTF-8, Windows says Chinese (Simplified)_China."""
    return name.lower().startswith(("zh", "chinese"))


def _locale(environ: Mapping[str, str]) -> str:
    """The variables in the order POSIX gives them; Windows has none of them, so the C library is asked last."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(variable):
            return environ[variable]
    return locale.getlocale(locale.LC_CTYPE)[0] or ""
