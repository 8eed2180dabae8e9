"""What differs between two programs, in words, part by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from pydantic import BaseModel

from saleor_loyalty_app.domain.language import country_name, language_name, supported, translations
from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.parcel_sentences import PERCENT_PATTERNS
from saleor_loyalty_app.domain.program import Condition, Program, Window
from saleor_loyalty_app.domain.program_fields import AMOUNTS
from saleor_loyalty_app.domain.program_places import LISTS, Path, place_in_words
from saleor_loyalty_app.domain.tier_sentences import DAY_PATTERNS


def _(words: str) -> str:
    return words


NOTHING = _("nothing")
THERE = _("there")
EMPTY = {
    "keep": _("as for entering"),
    "month": _("no limit"),
    "customer_year": _("no limit"),
    "by_hand_month": _("no limit"),
    "max_order_grams": _("no limit"),
    "channels": _("all channels"),
    "tiers": _("everyone"),
    "moments": _("any"),
}
"""What it means when nothing is said."""
YES, NO = _("yes"), _("no")
AND, OR = _("%(one)s and %(other)s"), _("%(one)s or %(other)s")
CHANCES = ("chance", "note_chance")
POSITION = _("order of ranks")
MOVED = _("order of rules")
WINDOWS = {
    "rolling": _("%(asked)s in %(days)s days"),
    "calendar_year": _("%(asked)s in a calendar year"),
    "lifetime": _("%(asked)s in all"),
}
KINDS = {"signature": _("signature, always there"), "surprise": _("surprise, by chance")}
DELIVERIES = {"note": _("by packing note"), "order_line": _("by order line")}
COUNTERS = {"app": _("this app"), "shop": _("the shop, as stock of the variant")}
TRIGGERS = {"fully_paid": _("when fully paid"), "placed": _("when placed")}
MOMENT_NAMES = {
    "first_order": _("first order"),
    "tier_reached": _("tier reached"),
    "nth_order": _("n-th order"),
    "anniversary": _("anniversary"),
    "comeback": _("comeback"),
    "trouble_solved": _("something put right"),
    "just_because": _("just because"),
}
WORDS = {"kind": KINDS, "by": DELIVERIES, "trigger": TRIGGERS, "moments": MOMENT_NAMES, "stock_in": COUNTERS}
"""What the choices of these fields are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs: "Tier 'Gold', enter", "€600.00 or 10 orders in 365 days", "€500.00 …".

    `before` is empty for what was added, `after` for what was removed; both are short texts for people.
    """

    what: str
    before: str
    after: str


def differences(
    before: Program, after: Program, locale: str, *, warehouses: Mapping[str, str] | None = None
) -> list[Difference]:
    """What differs, in the order of the program's parts; empty when both mean the same.

    Tiers, extras and notes are the same part when their id (and language) is; surprise rules are compared as whole
    rules, since they have no names. `warehouses` are the shop's by id; one that is not among them goes by its id.
    """
    told = _Telling(before, after, supported(locale), warehouses or {})
    found: list[Difference] = []
    for field in Program.model_fields:
        one, other = getattr(before, field), getattr(after, field)
        if field == "surprises":
            found += told.rules()
        elif field in LISTS:
            found += told.listed(field)
        elif field == "delivery":
            found += told.deliveries()
        elif isinstance(one, BaseModel):
            found += told.fields((field,), one, other)
        elif one != other:
            found.append(told.difference((field,), one, other))
    return found


class _Telling:
    """Two programs, told apart in one of the app's languages."""

    def __init__(self, before: Program, after: Program, language: str, warehouses: Mapping[str, str]) -> None:
        self._before, self._after, self._language, self._warehouses = before, after, language, warehouses
        self._say = translations(language).gettext

    def difference(self, path: Path, one: Any, other: Any, *, called: str = "") -> Difference:
        field = str(path[-1])
        return Difference(
            what=place_in_words(path, self._language, called=called),
            before=self._value(field, one, self._before),
            after=self._value(field, other, self._after),
        )

    def fields(self, path: Path, one: BaseModel, other: BaseModel, *, called: str = "") -> Iterator[Difference]:
        """The fields of a part that there is before and after."""
        for field in type(one).model_fields:
            old, new = getattr(one, field), getattr(other, field)
            if old != new:
                yield self.difference((*path, field), old, new, called=called)

    def listed(self, kind: str) -> Iterator[Difference]:
        """Tiers, extras or notes: added, removed, changed, and tiers in another order."""
        old = {(part.id, getattr(part, "language", "")): part for part in getattr(self._before, kind)}
        new = {(part.id, getattr(part, "language", "")): part for part in getattr(self._after, kind)}
        for id, part in (old | new).items():
            place = place_in_words((kind, 0), self._language, called=self._called(part))
            if id not in new:
                yield Difference(what=place, before=self._say(THERE), after="")
            elif id not in old:
                yield Difference(what=place, before="", after=self._short(part))
            else:
                yield from self.fields((kind, 0), old[id], new[id], called=self._called(part))
        stayed = ([id for id in old if id in new], [id for id in new if id in old])
        if kind == "tiers" and stayed[0] != stayed[1]:
            before, after = ([self._name(new[id]) for id in ids] for ids in stayed)
            yield self._order(POSITION, before, after)

    def rules(self) -> Iterator[Difference]:
        """Surprise rules: those that went, those that came, and another order of those that stayed."""
        old, new = list(self._before.surprises), list(self._after.surprises)
        gone, come = [rule for rule in old if rule not in new], [rule for rule in new if rule not in old]
        if len(old) == len(new) and len(gone) == len(come):
            for rule, other in zip(gone, come, strict=True):
                yield from self.fields(("surprises", new.index(other)), rule, other)
        else:
            for rules, kept in ((gone, old), (come, new)):
                for rule in rules:
                    place = place_in_words(("surprises", kept.index(rule)), self._language)
                    text = self._rule(rule, self._before if kept is old else self._after)
                    yield Difference(
                        what=place, before=text if kept is old else "", after="" if kept is old else text
                    )  # fmt: skip
        stayed = [str(old.index(rule) + 1) for rule in new if rule in old]
        if stayed != sorted(stayed, key=int):
            yield self._order(MOVED, sorted(stayed, key=int), stayed)

    def deliveries(self) -> Iterator[Difference]:
        """How each channel is told."""
        for slug in self._before.delivery | self._after.delivery:
            one, other = self._before.delivery_for(slug), self._after.delivery_for(slug)
            yield from self.fields(("delivery", slug), one, other)

    def _order(self, what: str, one: list[str], other: list[str]) -> Difference:
        said = self._say(what)
        return Difference(what=said[:1].upper() + said[1:], before=", ".join(one), after=", ".join(other))

    def _called(self, part: Any) -> str:
        if hasattr(part, "language"):
            return f"{part.id} ({language_name(part.language, self._language)})"
        return self._name(part)

    def _name(self, part: Any) -> str:
        return self._after.words(part.name, self._language) or str(part.id)

    def _short(self, part: Any) -> str:
        """What was added, in a few words."""
        if hasattr(part, "enter"):
            return self._condition(part.enter, self._after)
        if hasattr(part, "cost"):
            return f"{self._say(KINDS[part.kind])}, {self._amount(part.cost, self._after)}"
        return str(part.text)

    def _rule(self, rule: BaseModel, program: Program) -> str:
        parts = []
        for field in type(rule).model_fields:
            value = getattr(rule, field)
            if value != type(rule).model_fields[field].default:
                name = place_in_words(("surprises", 0, field), self._language).partition(", ")[2]
                parts.append(f"{name}: {self._value(field, value, program)}")
        return "; ".join(parts)

    def _value(self, field: str, value: Any, program: Program) -> str:  # noqa: PLR0911
        if isinstance(value, Condition):
            return self._condition(value, program)
        if value is None or (isinstance(value, str | tuple | Mapping) and not value):
            return self._say(EMPTY.get(field, NOTHING))
        if isinstance(value, bool):
            return self._say(YES if value else NO)
        if isinstance(value, Decimal) and field in AMOUNTS:
            return self._amount(value, program)
        if isinstance(value, date):
            return str(format_date(value, DAY_PATTERNS[self._language], locale=self._language))
        if isinstance(value, int | float | Decimal):
            return self._number(field, value)
        if isinstance(value, Mapping):
            return ", ".join(
                f"{self._key(field, key)}: {self._value('', each, program)}" for key, each in value.items()
            )
        if isinstance(value, tuple):
            return ", ".join(self._value(field, each, program) for each in value)
        return self._word(field, str(value), program)

    def _number(self, field: str, value: float | Decimal) -> str:
        if field in CHANCES:
            return str(format_percent(value, PERCENT_PATTERNS[self._language], locale=self._language))
        return str(format_decimal(value, format="#,##0.######", locale=self._language))

    def _key(self, field: str, key: str) -> str:
        """What a value belongs to: a currency, or the language of a text."""
        return key if field == "rates" else language_name(key, self._language)

    def _word(self, field: str, value: str, program: Program) -> str:
        """A text, or an id in words."""
        names = WORDS.get(field, {})
        if value in names:
            return self._say(names[value])
        if field in ("language", "languages"):
            return language_name(value, self._language)
        if field == "warehouse":
            return self._warehouses.get(value, value)
        if field == "not_to":
            return country_name(value, self._language)
        part = program.tier(value) if field == "tiers" else program.extra(value) if field == "pool" else None
        return program.words(part.name, self._language) if part else value

    def _condition(self, condition: Condition, program: Program) -> str:
        asked = [self._amount(condition.spend, program)] if condition.spend is not None else []
        if condition.orders is not None:
            words = translations(self._language).ngettext("%(number)d order", "%(number)d orders", condition.orders)
            asked.append(words % {"number": condition.orders})
        both = self._say(AND if condition.needs == "all" else OR)
        said = both % {"one": asked[0], "other": asked[1]} if len(asked) == 2 else asked[0]
        window: Window = condition.window
        return self._say(WINDOWS[window.kind]) % {"asked": said, "days": window.days}

    def _amount(self, amount: Decimal, program: Program) -> str:
        return money_text(program.minor(amount), program.currency, self._language)
