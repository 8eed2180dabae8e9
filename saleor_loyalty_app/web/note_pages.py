"""What staff say of the words on a card, on the page of its parcel: approved, or written by hand."""

from collections.abc import Callable

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.changing import CannotChange
from saleor_loyalty_app.services.approve_notes import approve_note, say_copied
from saleor_loyalty_app.store import parcels
from saleor_loyalty_app.store.orders import order_by_row
from saleor_loyalty_app.web.answers import missing
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.parcel_pages import ORDERS, order_page
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("note_pages", __name__, url_prefix="/panel/parcels/<code>/note")

LONGEST_MARK = 64


@blueprint.post("/approve")
@staff_only(ORDERS)
def approve(code: str) -> ResponseReturnValue:
    """Approve the words that the page showed."""
    return _stand_for(code, approve_note, gettext("The card is approved."))


@blueprint.post("/copied")
@staff_only(ORDERS)
def copied(code: str) -> ResponseReturnValue:
    """Somebody has written these words on a card by hand."""
    return _stand_for(code, say_copied, gettext("The card is written by hand."))


def _stand_for(code: str, say: Callable[..., None], said: str) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        parcel = parcels.parcel_by_code(db, g.shop.id, code[:16])
        order = order_by_row(db, g.shop.id, parcel.order_row) if parcel else None
    if parcel is None:
        return missing("/parcels")
    try:
        say(loyalty(), g.shop, parcel.id, seen=request.form.get("seen", "")[:LONGEST_MARK], by=g.viewer.user_id)
    except LookupError:
        return missing("/parcels")
    except CannotChange as refused:
        return order_page(order, status=422, refused={"stand": refused})
    return order_page(order, toast=("success", said))
