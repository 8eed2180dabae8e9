"""A picture that comes with a form: read within its limit, kept or dropped at once, and said in words how that went."""

from collections.abc import Callable

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from saleor_loyalty_app.services.keep_picture import LARGEST_REQUEST, LONGEST_UPLOAD, NotAPicture
from saleor_loyalty_app.web.answers import Toast
from saleor_loyalty_app.web.words import gettext, locale


def change_kept_picture(*, keep: Callable[[bytes], None], drop: Callable[[], None]) -> tuple[str, Toast | None]:
    """Do what this request's form says about a picture; return what is wrong with it, or "" and what was done."""
    request.max_content_length = LARGEST_REQUEST
    try:
        if request.form.get("drop") == "yes":
            drop()
            return "", ("success", gettext("The picture is gone."))
        uploaded = request.files.get("picture")
        if not uploaded or not uploaded.filename:
            return gettext("Choose a picture first."), None
        with uploaded.stream:
            keep(uploaded.read(LONGEST_UPLOAD + 1))
    except RequestEntityTooLarge:
        size = LONGEST_UPLOAD // 1_000_000
        return gettext("This file is too large; take one of up to %(size)s MB.") % {"size": size}, None
    except NotAPicture as wrong:
        return wrong.said(locale()), None
    return "", ("success", gettext("The picture is saved."))
