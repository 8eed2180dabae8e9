"""Words, days, money and numbers as the viewer reads them: gettext in templates, Babel for the rest.

The dashboard's language comes with each request of the panel in the header `Locale` and is remembered for the
viewer's widgets; public pages follow `?lang` or the browser's `Accept-Language`.
"""

import base64
import binascii
import re
from datetime import UTC, date, datetime, tzinfo
from urllib.parse import quote

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request

from saleor_loyalty_app.domain.language import LANGUAGES, supported, translations
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.saying import MOMENT_PATTERNS, Saying
from saleor_loyalty_app.domain.saying import said as said_in
from saleor_loyalty_app.domain.tier_sentences import DAY_PATTERNS
from saleor_loyalty_app.web.remembered import surroundings


def register(web: Flask) -> None:
    """Teach the templates the app's languages and how to write days, money and numbers."""
    web.jinja_env.add_extension("jinja2.ext.i18n")
    web.jinja_env.policies["ext.i18n.trimmed"] = True
    web.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    web.jinja_env.globals["locale"] = locale
    web.jinja_env.filters.update(
        day=day,
        moment=moment,
        money=money,
        number=number,
        said=said,
        staff=staff,
        saleor_path=saleor_path,
        tier_name=tier_name,
        extra_name=extra_name,
    )


def locale() -> str:
    """The language of the answer: "en" or "de"."""
    if not has_request_context():
        return LANGUAGES[0]
    if "locale" not in g:
        asked = request.headers.get("Locale") or request.args.get("lang", "") or surroundings().locale
        g.locale = supported(asked) if asked else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    chosen: str = g.locale
    return chosen


def gettext(words: str) -> str:
    """The words in the viewer's language."""
    return translations(locale()).gettext(words)


def ngettext(one: str, many: str, count: int) -> str:
    """The same for words that depend on a number."""
    return translations(locale()).ngettext(one, many, count)


def said(saying: Saying | str | None) -> str:
    """A saying, or what was kept of one, in the viewer's language; old plain text as it stands."""
    return saying.said(locale(), _zone()) if isinstance(saying, Saying) else said_in(saying, locale())


def mark(words: str) -> str:
    """Mark words for the catalogue that are translated later, by `gettext`."""
    return words


def use_zone(zone: tzinfo) -> None:
    """Write the days of this answer in the program's time zone."""
    g.zone = zone


def day(value: date | datetime | None) -> str:
    """A calendar day, in the program's zone when it is a moment: "3 May 2026"."""
    if value is None:
        return ""
    local = value.astimezone(_zone()) if isinstance(value, datetime) else value
    return format_date(local, DAY_PATTERNS[locale()], locale=locale())


def moment(value: datetime | None) -> str:
    """A day with its time, in the program's zone."""
    if value is None:
        return ""
    return format_datetime(value, MOMENT_PATTERNS[locale()], tzinfo=_zone(), locale=locale())


def money(amount_minor: int, currency: str) -> str:
    """An amount in minor units of a currency."""
    return money_text(amount_minor, currency, locale())


def number(value: int) -> str:
    """A whole number with the language's separators."""
    return format_decimal(value, locale=locale())


def tier_name(tier_id: str | None, program: Program) -> str:
    """What a tier is called; one that the program does not have (any more) is called by its id."""
    tier = program.tier(tier_id)
    return program.words(tier.name, locale()) if tier else (tier_id or "").replace("-", " ").capitalize()


def extra_name(extra_id: str, program: Program) -> str:
    """What an extra is called, in the same way."""
    extra = program.extra(extra_id)
    return program.words(extra.name, locale()) if extra else extra_id.replace("-", " ").capitalize()


def staff(by: str) -> str:
    """Who did something: we keep Saleor's user ids and no names of staff."""
    if by == "starter":
        return gettext("Best Regards, at the installation")
    if by == "command line":
        return gettext("the command line")
    if by == "rule":
        return gettext("the rule of the program")
    if by == g.viewer.user_id:
        return gettext("you")
    return gettext("staff member %(number)s") % {"number": _user_number(by)}


def saleor_path(saleor_id: str) -> str:
    """A Saleor id as a part of a dashboard path."""
    return quote(saleor_id, safe="")


def _user_number(user_id: str) -> str:
    try:
        found = re.fullmatch(r"User:(\w{1,40})", base64.b64decode(user_id, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        found = None
    return found[1] if found else "?"


def _zone() -> tzinfo:
    zone: tzinfo = g.get("zone", UTC)
    return zone
