"""The outlines of a sheet of labels, to hold a print against a sheet before labels are wasted."""

from flask import Blueprint, g, make_response, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.printing.label_sheets import SHEETS
from saleor_loyalty_app.printing.labels import outlines_pdf
from saleor_loyalty_app.printing.typesetting import CannotPrint
from saleor_loyalty_app.services.keep_stationery import look_with, stationery_now
from saleor_loyalty_app.web.answers import missing, with_toast
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.words import locale

blueprint = Blueprint("outline_pages", __name__, url_prefix="/panel/print/outlines")


@blueprint.post("")
@staff_only("MANAGE_ORDERS")
def download() -> ResponseReturnValue:
    """The outlines of the sheet that the form names, saved or not; else of the shop's own."""
    app = loyalty()
    with app.database.read() as db:
        settings, _ = stationery_now(db, g.shop.id)
    sheet = request.form.get("label_sheet", settings.label_sheet)
    if sheet not in SHEETS:
        return missing("/print/look")
    try:
        response = make_response(outlines_pdf(sheet, look_with(app, settings, {}), locale=locale()))
    except CannotPrint as broken:  # by a template of the operator's
        return with_toast(make_response("", 422), ("error", broken.problems[0].said(locale())))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="best-regards-outlines-{sheet}.pdf"'
    return response
