"""For which parcels something is printed: as a form says it, as an address does, and which parcels these are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.windows import first_instant
from saleor_loyalty_app.services.print_batch import MOST
from saleor_loyalty_app.store import parcels, print_lists
from saleor_loyalty_app.store.orders import order_by_number
from saleor_loyalty_app.web.list_filters import SAFE, read_day, read_search
from saleor_loyalty_app.web.words import day, gettext

READY, MINE, BATCH, ONE, DAY = "ready", "mine", "batch", "parcel", "day"
LONGEST_CODE = 16


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some parcels. `what` names them where `which` needs it: a batch's or parcel's code, or a day (ISO 8601)."""

    which: str = READY
    what: str = ""

    @property
    def path(self) -> str:
        """Below /print/in/, where they are found again."""
        return f"{self.which}/{self.what}" if self.what else self.which


class NotChosen(ValueError):
    """What a form or an address says names no parcels; the text says why, to be shown at the form's field."""


def read_path(path: str) -> Chosen:
    """What an address below /print/in/ names; what it can't name is what is ready to pack."""
    which, _, what = path.partition("/")
    named = Chosen(which, what[:LONGEST_CODE]) if which in {BATCH, ONE, DAY} and SAFE.fullmatch(what) else None
    return named or Chosen(which if which in {READY, MINE} else READY)


def read_form(db: Connection, form: Mapping[str, str]) -> Chosen:
    """What the form chooses. Raises NotChosen with what is wrong at the field."""
    which, typed = form.get("which", READY), read_search(form.get(form.get("which", READY), ""))
    if which in {READY, MINE}:
        return Chosen(which)
    readers: dict[str, Callable[[Connection, str], Chosen]] = {BATCH: _batch, ONE: _parcel, DAY: _day}
    if which not in readers:
        raise NotChosen(gettext("Choose for which parcels."))
    return readers[which](db, typed)


def parcels_of(db: Connection, chosen: Chosen, program: Program) -> list[int]:
    """The rows of these parcels in the order of packing, one more than a job may have at most. Raises NotChosen."""
    shop_id, limit = g.shop.id, MOST + 1
    if chosen.which == ONE:
        parcel = parcels.parcel_by_code(db, shop_id, chosen.what)
        if parcel is None:
            raise NotChosen(gettext("There is no parcel with this code."))
        return [parcel.id]
    if chosen.which in {BATCH, MINE}:
        code = chosen.what or print_lists.batch_of(db, shop_id, g.viewer.user_id)
        found = print_lists.parcels_in_batch(db, shop_id, code, limit=limit) if code else None
        if found is None:
            raise NotChosen(gettext("There is no batch with this code.") if code else gettext("You have no batch now."))
        return found
    if chosen.which == DAY and (wanted := read_day(chosen.what)):
        since, until = (first_instant(wanted + timedelta(days=more), program.zone) for more in (0, 1))
        return print_lists.ready_parcels(db, shop_id, since=since, until=until, limit=limit)
    return print_lists.ready_parcels(db, shop_id, limit=limit)


def in_words(chosen: Chosen) -> str:
    """For which parcels, as part of a page's heading."""
    if chosen.which == ONE:
        return gettext("parcel %(code)s") % {"code": chosen.what}
    if chosen.which == BATCH:
        return gettext("batch %(code)s") % {"code": chosen.what}
    if chosen.which == MINE:
        return gettext("your batch")
    if chosen.which == DAY:
        return gettext("ready since %(day)s") % {"day": day(read_day(chosen.what))}
    return gettext("all that is ready to pack")


def _batch(db: Connection, typed: str) -> Chosen:
    code = typed.upper()[:LONGEST_CODE]
    if not code or print_lists.parcels_in_batch(db, g.shop.id, code, limit=1) is None:
        raise NotChosen(gettext("There is no batch with this code.") if code else gettext("Give the batch's code."))
    return Chosen(BATCH, code)


def _parcel(db: Connection, typed: str) -> Chosen:
    """By the parcel's code, or the number of its order, with or without "#"."""
    order = order_by_number(db, g.shop.id, typed.removeprefix("#")) if typed else None
    found = parcels.parcel_of_order(db, g.shop.id, order.id) if order else None
    found = found or parcels.parcel_by_code(db, g.shop.id, typed.upper()[:LONGEST_CODE])
    if found is None:
        raise NotChosen(gettext("There is no parcel for this number or code."))
    return Chosen(ONE, found.code)


def _day(_: Connection, typed: str) -> Chosen:
    wanted = read_day(typed)
    if wanted is None:
        raise NotChosen(gettext("Choose a day."))
    return Chosen(DAY, wanted.isoformat())
