"""The packing desk in a tab of its own: one code, one token, nothing but the desk, and each way it ends."""

from datetime import timedelta

import pytest
from factories import Clock, add_installed_shop
from sqlalchemy import select

from saleor_loyalty_app.saleor.tokens import BadToken
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.open_desk import DESK_OPEN, LINK_GOOD, DeskEnded, enter_desk, find_desk, make_link
from saleor_loyalty_app.store import desk_sessions
from saleor_loyalty_app.store.packing_tables import desk_sessions as table
from saleor_loyalty_app.store.shops import DORMANT, INACTIVE, SILENT, Shop, change_shop

HELD = {"MANAGE_ORDERS", "MANAGE_USERS"}
PACKER = "VXNlcjo3"


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def a_link(app: App, shop: Shop) -> str:
    return make_link(app, shop, by=PACKER, permissions=HELD)


def test_a_code_is_exchanged_once_for_a_token_that_may_only_pack(app: App, shop: Shop) -> None:
    code = a_link(app, shop)
    token = enter_desk(app, code)
    found, viewer, _ = find_desk(app, token)
    assert (found.id, viewer.user_id, viewer.permissions) == (shop.id, PACKER, {"MANAGE_ORDERS"})
    with pytest.raises(BadToken):
        enter_desk(app, code)
    with pytest.raises(BadToken):
        find_desk(app, code)


def test_neither_code_nor_token_is_kept(app: App, shop: Shop) -> None:
    code = a_link(app, shop)
    token = enter_desk(app, code)
    with app.database.read() as db:
        row = db.execute(select(table)).mappings().one()
    kept = " ".join(str(value) for value in row.values())
    assert code.partition(".")[2] not in kept
    assert token.partition(".")[2] not in kept


@pytest.mark.parametrize("wrong", ["", "1", "1.", "x.y", "-1.y", "4711.y", "1." + "a" * 200, "１.y"])
def test_what_is_no_code_or_token_opens_nothing(app: App, shop: Shop, wrong: str) -> None:
    a_link(app, shop)
    with pytest.raises(BadToken):
        enter_desk(app, wrong)
    with pytest.raises(BadToken):
        find_desk(app, wrong)


def test_a_link_is_good_for_two_minutes_and_a_desk_for_twelve_hours(app: App, shop: Shop, clock: Clock) -> None:
    late, in_time = a_link(app, shop), a_link(app, shop)
    clock.pass_time(seconds=LINK_GOOD.total_seconds() - 1)
    token = enter_desk(app, in_time)
    clock.pass_time(seconds=1)
    with pytest.raises(BadToken):
        enter_desk(app, late)
    clock.pass_time(seconds=DESK_OPEN.total_seconds() - 2)
    find_desk(app, token)
    clock.pass_time(seconds=1)
    with pytest.raises(DeskEnded):
        find_desk(app, token)


@pytest.mark.parametrize("state", [INACTIVE, SILENT, DORMANT])
def test_a_desk_ends_for_good_when_the_app_is_deactivated_or_removed(app: App, shop: Shop, state: str) -> None:
    token = enter_desk(app, a_link(app, shop))
    with app.database.write() as db:
        change_shop(db, shop.id, state=state)
    with pytest.raises(DeskEnded):
        find_desk(app, token)
    with app.database.write() as db:
        change_shop(db, shop.id, state="active")
    with pytest.raises(DeskEnded):
        find_desk(app, token)


def test_a_desk_ends_alone_or_with_all_others_and_is_forgotten_later(app: App, shop: Shop) -> None:
    tokens = [enter_desk(app, a_link(app, shop)) for _ in range(3)]
    unused = a_link(app, shop)
    with app.database.write() as db:
        first, *_ = desk_sessions.open_sessions(db, shop.id, now=app.now())
        assert desk_sessions.end_session(db, shop.id, first.id, now=app.now())
        assert not desk_sessions.end_session(db, shop.id, first.id, now=app.now())
        assert not desk_sessions.end_session(db, shop.id + 1, first.id, now=app.now())
        assert len(desk_sessions.open_sessions(db, shop.id, now=app.now())) == 2
        desk_sessions.end_all(db, shop.id, now=app.now())
    for secret in tokens:
        with pytest.raises(DeskEnded):
            find_desk(app, secret)
    with pytest.raises(BadToken):
        enter_desk(app, unused)
    with app.database.write() as db:
        desk_sessions.forget_before(db, shop.id, app.now() + timedelta(days=1))
        assert db.execute(select(table)).first() is None


def test_a_permission_that_the_app_lost_is_lost_at_the_desk(app: App, shop: Shop) -> None:
    token = enter_desk(app, a_link(app, shop))
    with app.database.write() as db:
        change_shop(db, shop.id, permissions=["MANAGE_USERS"])
    _, viewer, _ = find_desk(app, token)
    assert not viewer.may("MANAGE_ORDERS")
    assert viewer.lacks_by_app("MANAGE_ORDERS")
