"""Forms of the program's parts: what staff typed becomes what stands in a draft.

Nothing is refused here. What can't be understood is kept as it was typed, so that it stands in its field again and
the check of the draft says what is wrong with it. `None` means that a field is left out and its default holds.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel.core import Locale
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from saleor_loyalty_app.domain import program as rules
from saleor_loyalty_app.web.words import locale

Form = MultiDict[str, str]
Reader = Callable[[Form, str], object]

LANGUAGE_CODE = re.compile(r"^[A-Za-z]{2,3}([_-][A-Za-z]{2,8})*$")


@dataclass(frozen=True, slots=True)
class PartForm:
    """How one kind of part is read: its model, and a reader for each field that its form has."""

    model: type[BaseModel]
    readers: Mapping[str, Reader]

    def read(self, form: Form) -> dict[str, Any]:
        """All values of a form as it was sent."""
        return {name: reader(form, name) for name, reader in self.readers.items()}

    def in_order_of(self, there: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """The values with what is ticked in the order in which it stands already; ticks have no order of their own."""
        for name, reader in self.readers.items():
            ticked, before = values.get(name), there.get(name)
            if reader is several and isinstance(ticked, list) and isinstance(before, list):
                values[name] = [
                    *(one for one in before if one in ticked),
                    *(one for one in ticked if one not in before),
                ]
        return values

    def defaults(self) -> dict[str, Any]:
        """What holds for fields that a draft leaves out, as plain data."""
        fields = self.model.model_fields
        shown = {name: fields[name].default for name in self.readers if not fields[name].is_required()}
        return {name: _plain(value) for name, value in shown.items() if value is not None}


# ---- One field


def text(form: Form, name: str) -> str | None:
    """Plain words, or nothing."""
    return _typed(form, name) or None


def long_text(form: Form, name: str) -> str | None:
    """Words with their lines, with the line ends that files have."""
    return form.get(name, "").replace("\r\n", "\n").strip() or None


def whole(form: Form, name: str) -> int | str | None:
    """A whole number."""
    return _whole(_typed(form, name)) if _typed(form, name) else None


def own_count(form: Form, name: str) -> int | str | None:
    """A number of pieces, where the app counts them and not the shop."""
    return None if form.get("stock_in") == "shop" else whole(form, name)


def amount(form: Form, name: str) -> str | None:
    """An amount of money or a rate, as TOML keeps it best: "12.50"."""
    return read_amount(_typed(form, name)) or None


def share(form: Form, name: str) -> float | str | None:
    """A chance, typed in percent: "25" or "25 %" is 0.25."""
    typed = _typed(form, name)
    try:
        return float(Decimal(read_amount(typed.removesuffix("%").strip())) / 100) if typed else None
    except InvalidOperation:
        return typed


def day(form: Form, name: str) -> date | str | None:
    """A calendar day like 2027-03-31."""
    typed = _typed(form, name)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return typed


def tick(form: Form, name: str) -> bool:
    """A tick is there or not."""
    return name in form


def several(form: Form, name: str) -> list[str] | None:
    """What is ticked, and what is typed beside it with commas."""
    ticked = [*form.getlist(name), *_listed(_typed(form, f"{name}.more"))]
    return list(dict.fromkeys(filter(None, map(str.strip, ticked)))) or None


def listed(form: Form, name: str) -> list[str] | None:
    """Words with commas between them."""
    return _listed(_typed(form, name)) or None


def numbers(form: Form, name: str) -> list[int | str]:
    """Whole numbers with commas between them; none at all is meant so."""
    return [_whole(typed) for typed in _listed(_typed(form, name))]


def countries(form: Form, name: str) -> list[str] | None:
    """Countries by their name in the viewer's language, or by their two letters."""
    return [_code(typed, "territories").upper() for typed in _listed(_typed(form, name))] or None


def languages(form: Form, name: str) -> list[str] | None:
    """Languages by their name in the viewer's language, or by their code."""
    return [_code(typed, "languages") for typed in _listed(_typed(form, name))] or None


def words(form: Form, name: str) -> dict[str, str]:
    """The same words in several languages, from fields like `name.de`."""
    typed = {language: _typed(form, f"{name}.{language}") for language in _languages_in(form, name)}
    return {language: text for language, text in typed.items() if text}


def rows_of_words(form: Form, name: str) -> list[dict[str, str]] | None:
    """Several such words; the rows of all languages stand in the same order."""
    columns = {language: form.getlist(f"{name}.{language}") for language in _languages_in(form, name)}
    length = max(map(len, columns.values()), default=0)
    rows = [
        {language: column[row].strip() for language, column in columns.items() if row < len(column)}
        for row in range(length)
    ]
    return [kept for row in rows if (kept := {language: typed for language, typed in row.items() if typed})] or None


def rates(form: Form, name: str) -> dict[str, str] | None:
    """Rows of a currency and what one unit of it is worth."""
    rows = zip(form.getlist(f"{name}.code"), form.getlist(f"{name}.rate"), strict=False)
    return {code.strip().upper(): read_amount(rate) for code, rate in rows if code.strip()} or None


def condition(form: Form, name: str) -> dict[str, Any]:
    """What must be reached, and over which time."""
    window = {"kind": text(form, f"{name}.window.kind"), "days": whole(form, f"{name}.window.days")}
    if window["kind"] != "rolling":
        window["days"] = None
    asked = {
        "spend": amount(form, f"{name}.spend"),
        "orders": whole(form, f"{name}.orders"),
        "needs": text(form, f"{name}.needs"),
        "window": {key: value for key, value in window.items() if value is not None},
    }
    return {key: value for key, value in asked.items() if value not in (None, {})}


def other_condition(form: Form, name: str) -> dict[str, Any] | None:
    """A condition of its own, or none: then it is the same as to get in."""
    return condition(form, name) if form.get(f"{name}.own") == "yes" else None


PART_FORMS: Mapping[str, PartForm] = {
    "shop": PartForm(
        rules.Program,
        {
            "name": text, "currency": text, "rates": rates, "time_zone": text, "languages": languages,
            "trigger": text, "gift_cards_count": tick, "note_chance": share,
        },
    ),
    "sender": PartForm(rules.Sender, {"name": text, "sign_off": words}),
    "tiers": PartForm(
        rules.Tier,
        {
            "id": text, "name": words, "enter": condition, "keep": other_condition, "grace_days": whole,
            "warn_days": whole, "services": rows_of_words,
        },
    ),
    "extras": PartForm(
        rules.Extra,
        {
            "id": text, "name": words, "kind": text, "cost": amount, "stock": own_count, "shelf": text, "weight": whole,
            "suits": listed, "contains": several, "not_to": countries, "channels": several, "best_before": day,
            "max_order_grams": whole, "again_after_days": whole, "variant": text,
            "stock_in": text,
        },
    ),
    "surprises": PartForm(
        rules.Surprise,
        {
            "tiers": several, "moments": several, "chance": share, "pool": several, "every_orders": whole,
            "every_days": whole,
        },
    ),
    "notes": PartForm(
        rules.Note,
        {"id": text, "language": text, "moments": several, "tiers": several, "text": long_text},
    ),
    "moments": PartForm(
        rules.MomentRules,
        {
            "nth_orders": numbers, "anniversary_years": numbers, "anniversary_within_days": whole,
            "comeback_days": whole,
        },
    ),
    "budget": PartForm(rules.Budget, {"month": amount, "customer_year": amount, "by_hand_month": amount}),
    "delivery": PartForm(rules.Delivery, {"by": text, "confirm_order": tick}),
    "packing": PartForm(rules.Packing, {"order_note": tick, "warehouse": text, "approve_notes": tick}),
}  # fmt: skip
"""By kind of part. Each field of the models stands here, or is a part of its own."""


# ---- What was typed


def read_amount(typed: str) -> str:
    """A number as people of the viewer's language type it, with a dot: "1.234,50" -> "1234.50"; else as it is.

    Comma and dot are both taken for the decimal sign, since who writes two languages mixes them; only a sign
    that stands before three digits where the language groups by it is read as grouping.
    """
    tidy = re.sub(r"[\s\u00a0\u202f'’]", "", typed)
    group, point = (".", ",") if locale() == "de" else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+(\{point}\d*)?", tidy):
        tidy = tidy.replace(group, "")
    tidy = tidy.replace(",", ".")
    return tidy if re.fullmatch(r"\d+(\.\d+)?", tidy) else typed.strip()


def _typed(form: Form, name: str) -> str:
    return form.get(name, "").strip()


def _whole(typed: str) -> int | str:
    return int(typed) if re.fullmatch(r"[0-9]{1,15}", typed) else typed


def _listed(typed: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", typed) if part.strip()))


def _languages_in(form: Form, name: str) -> list[str]:
    endings = [key.removeprefix(f"{name}.") for key in form if key.startswith(f"{name}.")]
    return [ending for ending in endings if LANGUAGE_CODE.fullmatch(ending)]


def _code(typed: str, kind: str) -> str:
    return _codes(locale(), kind).get(typed.casefold(), typed)


@cache
def _codes(spoken: str, kind: str) -> Mapping[str, str]:
    """Codes of countries or languages by their name, in small letters."""
    known: Mapping[str, str] = getattr(Locale.parse(spoken), kind)
    return {name.casefold(): code for code, name in known.items()}


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    return list(value) if isinstance(value, tuple) else value
