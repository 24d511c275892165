"""Pages as fixtures: one page as it stood, the moment it stood there, and what has to be read off it.

A recording is a folder `PLATFORM/PAGE.CASE/` with `page.html`, `meta.json`, and `expected.json` or `error.json`
(recordings/README.md). This package knows the folder, how a kept page is read again offline, and how two readings differ; what
the pages of a platform are is said in its folder under flows/.
"""

from bot.recordings.folder import Recording, find_recordings, load, save
from bot.recordings.keeping import Bundle, Kept, Scrub, keep, meta_of
from bot.recordings.meta import Meta
from bot.recordings.offline import Offline
from bot.recordings.outcome import MISSING, Difference, Outcome, Trouble, differences
from bot.recordings.reading import PageKind, PlatformPages, outcome_of

__all__ = [
    "MISSING",
    "Bundle",
    "Difference",
    "Kept",
    "Meta",
    "Offline",
    "Outcome",
    "PageKind",
    "PlatformPages",
    "Recording",
    "Scrub",
    "Trouble",
    "differences",
    "find_recordings",
    "keep",
    "load",
    "meta_of",
    "outcome_of",
    "save",
]
