"""The packing desk in a browser tab of its own, full-screen or on a tablet, where no dashboard hands out tokens.

Staff make a link in the dashboard; its code is good once and for two minutes. The tab exchanges it for a token that
opens nothing but the desk, for that staff member, until it is ended or twelve hours are over. The shop is not asked
again meanwhile whether the staff member may still pack: whoever takes a permission away ends the desk, too.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

import structlog
from sqlalchemy.exc import NoResultFound

from saleor_loyalty_app.saleor.tokens import BadToken, Viewer
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import desk_sessions
from saleor_loyalty_app.store.desk_sessions import DeskSession
from saleor_loyalty_app.store.shops import ACTIVE, Shop, shop_by_id

log = structlog.get_logger()

LINK_GOOD = timedelta(minutes=2)
DESK_OPEN = timedelta(hours=12)
CODE_BYTES, TOKEN_BYTES = 16, 32
LONGEST = 100
DESK_PERMISSIONS = frozenset({"MANAGE_ORDERS"})
"""What a desk may be used with, whatever else its staff member holds."""


class DeskEnded(BadToken):
    """The tab's time is over, or somebody ended it."""


def make_link(app: App, shop: Shop, *, by: str, permissions: Collection[str]) -> str:
    """The code for a new tab of a staff member (Saleor user id), who holds these permissions now."""
    code, now = f"{shop.id}.{secrets.token_urlsafe(CODE_BYTES)}", app.now()
    with app.database.write() as db:
        desk_sessions.add_link(
            db, shop.id, user_id=by, code_hash=_hash(code), permissions=DESK_PERMISSIONS & set(permissions),
            until=now + LINK_GOOD, now=now,
        )  # fmt: skip
    return code


def enter_desk(app: App, code: str) -> str:
    """The token for the tab that came with a link's code. Raises BadToken when the code is not (or no longer) good."""
    shop, now = _shop_of(app, code), app.now()
    token = f"{shop.id}.{secrets.token_urlsafe(TOKEN_BYTES)}"
    with app.database.write() as db:
        if not desk_sessions.use_link(
            db, shop.id, _hash(code), token_hash=_hash(token), until=now + DESK_OPEN, now=now
        ):
            raise BadToken("the link is not good")
    log.info("desk_opened", shop=shop.id)
    return token


def find_desk(app: App, token: str) -> tuple[Shop, Viewer, DeskSession]:
    """Whose desk it is that shows this token. Raises BadToken, DeskEnded for one that was good before.

    When the app is deactivated or removed the desk ends for good, also where that was not noticed before.
    """
    shop, now = _shop_of(app, token), app.now()
    with app.database.read() as db:
        session = desk_sessions.session_by_token(db, shop.id, _hash(token))
    if session is None:
        raise BadToken("unknown desk")
    if shop.state != ACTIVE and session.is_open(now):
        with app.database.write() as db:
            desk_sessions.end_all(db, shop.id, now=now)
    if shop.state != ACTIVE or not session.is_open(now):
        raise DeskEnded("the desk has ended")
    may = session.permissions & shop.permissions
    return shop, Viewer(user_id=session.user_id, permissions=may, own_permissions=session.permissions), session


def _shop_of(app: App, secret: str) -> Shop:
    number = secret.partition(".")[0]
    if len(secret) > LONGEST or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise BadToken("not a desk's")
    try:
        with app.database.read() as db:
            shop = shop_by_id(db, int(number))
    except NoResultFound as unknown:
        raise BadToken("unknown shop") from unknown
    if not app.settings.allows(shop.saleor_api_url):
        raise BadToken("unknown shop")
    return shop


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
