"""One message catalogue in Chinese and English for everything that operators read."""

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.language import Language, language_of

__all__ = ["Catalogue", "Language", "language_of"]
