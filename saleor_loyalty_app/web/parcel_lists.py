"""The list of parcels in the panel: narrowed, searched, page by page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.windows import first_instant
from saleor_loyalty_app.store import failed_orders, pages
from saleor_loyalty_app.store.parcel_lists import ParcelFilter, channels_of, parcel_page
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL
from saleor_loyalty_app.web.answers import page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.list_filters import (
    NONE,
    Trail,
    read_address,
    read_day,
    read_row,
    read_search,
    write_address,
)
from saleor_loyalty_app.web.means import loyalty, program_in_force

blueprint = Blueprint("parcel_lists", __name__, url_prefix="/panel")

ORDERS = "MANAGE_ORDERS"
ROWS = 20
FAILED = "failed"
"""Beside the states of parcels: orders whose work failed, with or without a parcel."""
NARROWED_BY = ("in", "tier", "channel", "mode", "from", "to")
MORE = NARROWED_BY[1:]
ALLOWED = {"in": (*pages.STATES, FAILED), "mode": (LIVE, REHEARSAL)}
LONGEST = 255


@blueprint.route("/parcels", methods=["GET", "POST"])
@staff_only(ORDERS)
def show_parcels() -> ResponseReturnValue:
    """Parcels, newest first. What is searched for comes by POST: a name never stands in an address."""
    return _list(request.form)


@blueprint.get("/parcels/in/<path:rest>")
@staff_only(ORDERS)
def show_parcels_in(rest: str) -> ResponseReturnValue:
    """The same, narrowed by the address: /parcels/in/planned/tier/gold."""
    return _list(read_address(rest))


def _list(asked: Mapping[str, str]) -> Response:
    chosen = {name: value for name in NARROWED_BY if (value := _read(name, asked))}
    search, trail = read_search(asked.get("search", "")), Trail.read(asked.get("trail", ""))
    show = _show_failed if chosen.get("in") == FAILED else _show_parcels
    return show(chosen, search, trail)


def _show_parcels(chosen: dict[str, str], search: str, trail: Trail) -> Response:
    with loyalty().database.read() as db:
        wanted = _wanted(chosen, search, program_in_force(db).zone)
        found = parcel_page(db, g.shop.id, wanted, before=read_row(trail.cursor), limit=ROWS)
        items = pages.items_in(db, g.shop.id, [line.id for line in found.lines])
        older = trail.older(str(found.older)) if found.older else None
        return _page(
            db, chosen, search, trail, older=older, lines=found.lines, items=items, looked_to=found.looked_to
        )  # fmt: skip


def _show_failed(chosen: dict[str, str], search: str, trail: Trail) -> Response:
    with loyalty().database.read() as db:
        wanted = _wanted(chosen, search, program_in_force(db).zone)
        lines = failed_orders.failed_lines(db, g.shop.id, wanted, after=_place(trail.cursor), limit=ROWS + 1)
        more = len(lines) > ROWS
        older = trail.older("{:%Y-%m-%dT%H:%M:%S.%f}~{}".format(*lines[ROWS - 1].place)) if more else None
        return _page(db, chosen, search, trail, older=older, failures=lines[:ROWS])


def _page(
    db: Connection, chosen: dict[str, str], search: str, trail: Trail, *, older: str | None, **shown: Any
) -> Response:
    return page(
        "panel/parcels.html",
        write_address("/parcels", chosen),
        program=program_in_force(db),
        states={**pages.parcels_by_state(db, g.shop.id), FAILED: failed_orders.failed_count(db, g.shop.id)},
        channels=channels_of(db, g.shop.id),
        modes=(LIVE, REHEARSAL),
        counted_to=pages.COUNTED_TO,
        no_tier=NONE,
        chosen=chosen,
        more_chosen=any(name in chosen for name in MORE),
        search=search,
        trail=trail,
        older=older,
        **shown,
    )


def _read(name: str, asked: Mapping[str, str]) -> str:
    """One field, or "" when it says nothing that a parcel could be. A pressed button counts before the rest."""
    value = read_search(asked.get(f"to_{name}", asked.get(name, "")))[:LONGEST]
    if name in ("from", "to"):
        return value if read_day(value) else ""
    return value if value in ALLOWED.get(name, (value,)) else ""


def _wanted(chosen: Mapping[str, str], search: str, zone: ZoneInfo) -> ParcelFilter:
    since, until = read_day(chosen.get("from", "")), read_day(chosen.get("to", ""))
    return ParcelFilter(
        state=chosen.get("in", ""),
        tier=chosen.get("tier", ""),
        channel=chosen.get("channel", ""),
        mode=chosen.get("mode", ""),
        since=first_instant(since, zone) if since else None,
        until=first_instant(until + timedelta(days=1), zone) if until else None,
        search=search,
    )


def _place(cursor: str) -> failed_orders.Place | None:
    at, _, subject = cursor.partition("~")
    try:
        return datetime.fromisoformat(f"{at}+00:00"), subject
    except ValueError:
        return None
