"""Words of the app in German and English: gettext catalogues (`locale/<language>/*.po`), English is the source."""

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "de")


def supported(locale: str) -> str:
    """The app's language for any locale the shop or dashboard names: "de-AT" -> "de", unknown -> "en"."""
    base = locale.replace("-", "_").partition("_")[0].lower()
    return base if base in LANGUAGES else LANGUAGES[0]


def language_name(code: str, locale: str) -> str:
    """A language by its name in the app's language, "pt-BR" by that of "pt" if need be; an unknown code as it is."""
    names = Locale.parse(supported(locale)).languages
    known = code.replace("-", "_")
    return str(names.get(known) or names.get(known.partition("_")[0].lower(), code))


def country_name(code: str, locale: str) -> str:
    """A country by its name in the app's language; an unknown code as it is."""
    return str(Locale.parse(supported(locale)).territories.get(code, code))


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue for a locale; `.gettext` and `.ngettext` return English where nothing is translated."""
    merged = NullTranslations()
    folder = files("saleor_loyalty_app") / "locale" / supported(locale)
    for catalogue_file in sorted(folder.iterdir(), key=lambda item: item.name) if folder.is_dir() else ():
        if catalogue_file.name.endswith(".po"):
            compiled = io.BytesIO()
            write_mo(compiled, read_po(io.BytesIO(catalogue_file.read_bytes())))
            compiled.seek(0)
            loaded = GNUTranslations(compiled)
            loaded.add_fallback(merged)
            merged = loaded
    return merged
