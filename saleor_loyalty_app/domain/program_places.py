"""The parts and fields of a program by name, as problems and differences call them.

English names are near to the words of the file, so that who edits the file finds them; the German ones stand in
`locale/de/program.po`.
"""

from saleor_loyalty_app.domain.language import translations

Path = tuple[str | int, ...]
"""Where something stands: ("extras", "lavender-sachet", "cost"), ("notes", 3, "text"), ("sender", "name"), ().

Tiers and extras go by id, where the id can be read and is the only one; notes, surprises and the rest by index from 0.
"""


def _(words: str) -> str:
    return words


LISTS = {
    "tiers": (_("Tiers"), _("Tier '%(name)s'"), _("Tier %(number)s")),
    "extras": (_("Extras"), _("Extra '%(name)s'"), _("Extra %(number)s")),
    "surprises": (_("Surprises"), _("Surprise '%(name)s'"), _("Surprise rule %(number)s")),
    "notes": (_("Notes"), _("Note '%(name)s'"), _("Note %(number)s")),
}
"""Parts of which there are several: all of them, one with its name, one without."""

CHANNEL = _("Delivery, channel '%(name)s'")
ENTRY = _("entry %(number)s")

FIELDS = {
    "again_after_days": _("again after days"),
    "anniversary_within_days": _("anniversary within days"),
    "anniversary_years": _("anniversary years"),
    "approve_notes": _("notes approved by a person"),
    "best_before": _("best before"),
    "budget": _("budget"),
    "by": _("told by"),
    "by_hand_month": _("by hand in a month"),
    "chance": _("chance"),
    "channels": _("channels"),
    "comeback_days": _("comeback days"),
    "confirm_order": _("confirm order"),
    "contains": _("contains"),
    "cost": _("cost"),
    "currency": _("currency"),
    "customer_year": _("customer and year"),
    "days": _("length in days"),
    "delivery": _("delivery"),
    "enter": _("enter"),
    "every_days": _("every days"),
    "every_orders": _("every orders"),
    "gift_cards_count": _("gift cards count"),
    "grace_days": _("grace days"),
    "id": _("id"),
    "keep": _("keep"),
    "kind": _("kind"),
    "language": _("language"),
    "languages": _("languages"),
    "max_order_grams": _("max order grams"),
    "moments": _("moments"),
    "month": _("month"),
    "name": _("name"),
    "needs": _("needs"),
    "not_to": _("not to"),
    "note_chance": _("note chance"),
    "nth_orders": _("nth orders"),
    "order_note": _("note at the order"),
    "orders": _("orders"),
    "packing": _("packing"),
    "pool": _("pool"),
    "rates": _("rates"),
    "sender": _("sender"),
    "services": _("services"),
    "shelf": _("shelf"),
    "sign_off": _("sign-off"),
    "spend": _("spend"),
    "stock": _("stock"),
    "stock_in": _("counted by"),
    "suits": _("suits"),
    "text": _("text"),
    "tiers": _("tiers"),
    "time_zone": _("time zone"),
    "trigger": _("trigger"),
    "variant": _("variant"),
    "warehouse": _("warehouse"),
    "warn_days": _("warn days"),
    "weight": _("weight"),
    "window": _("window"),
}


def place_in_words(path: Path, locale: str, *, called: str = "") -> str:
    """A place for people: ("extras", "tea", "cost") -> "Extra 'tea', cost"; empty for the whole program.

    `called` is how the merchant knows a part that stands in the path by its index only.
    """
    if not path:
        return ""
    part, fields = _part_in_words(path, locale, called)
    return ", ".join([part[:1].upper() + part[1:], *(_step_in_words(step, locale) for step in fields)])


def field_in_words(field: str, locale: str) -> str:
    """A field's name; what is no field (a language, a currency) stays as it is."""
    return translations(locale).gettext(FIELDS[field]) if field in FIELDS else field


def _part_in_words(path: Path, locale: str, called: str) -> tuple[str, Path]:
    """The part that a path begins with, and the steps that lead on inside it."""
    say = translations(locale).gettext
    root = str(path[0])
    if root in LISTS:
        every, named, numbered = LISTS[root]
        if len(path) == 1:
            return say(every), ()
        which = called or (path[1] if isinstance(path[1], str) else "")
        if which:
            return say(named) % {"name": which}, path[2:]
        return say(numbered) % {"number": int(path[1]) + 1}, path[2:]
    if root == "delivery" and len(path) > 1:
        return say(CHANNEL) % {"name": path[1]}, path[2:]
    return field_in_words(root, locale), path[1:]


def _step_in_words(step: str | int, locale: str) -> str:
    if isinstance(step, int):
        return translations(locale).gettext(ENTRY) % {"number": step + 1}
    return field_in_words(step, locale)
