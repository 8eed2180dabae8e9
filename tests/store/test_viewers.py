"""How staff last saw the dashboard is kept for each viewer of each shop, and forgotten in time."""

from datetime import timedelta

import pytest
from factories import OTHER_SHOP_URL, add_installed_shop, global_id

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_house import VIEWERS_KEPT, keep_house
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.viewers import Surroundings, dashboard_at, forget_before, remember, seen_by

MIRA, JONAS = global_id("User", 21), global_id("User", 22)
DARK = Surroundings(theme="dark", locale="de", dashboard="https://dash.example.com/dashboard")
LIGHT = Surroundings(theme="light", locale="en", dashboard="https://dash.example.com/dashboard")


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def test_nothing_is_known_of_a_new_viewer(app: App, shop: Shop) -> None:
    with app.database.read() as db:
        assert seen_by(db, shop.id, MIRA) == (Surroundings(), None)


def test_what_is_remembered_last_stands(app: App, shop: Shop) -> None:
    for seen in (DARK, LIGHT):
        with app.database.write() as db:
            remember(db, shop.id, MIRA, seen, app.now())
    with app.database.read() as db:
        assert seen_by(db, shop.id, MIRA) == (LIGHT, app.now())


def test_viewers_and_shops_are_told_apart(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with app.database.write() as db:
        remember(db, shop.id, MIRA, DARK, app.now())
    with app.database.read() as db:
        assert seen_by(db, shop.id, JONAS) == (Surroundings(), None)
        assert seen_by(db, other.id, MIRA) == (Surroundings(), None)
        assert dashboard_at(db, other.id, "https://dash.example.com") == ""


def test_where_a_dashboard_is_mounted_is_known_from_whoever_saw_it_last(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        for days_ago, user, path in ((3, MIRA, "/old"), (1, JONAS, "/dashboard")):
            seen = Surroundings(dashboard=f"https://dash.example.com{path}")
            remember(db, shop.id, user, seen, app.now() - timedelta(days=days_ago))
        remember(db, shop.id, global_id("User", 23), Surroundings(dashboard="https://dash.example.com.evil"), app.now())
    with app.database.read() as db:
        assert dashboard_at(db, shop.id, "https://dash.example.com") == "https://dash.example.com/dashboard"
        assert dashboard_at(db, shop.id, "https://dash_example.com") == ""


def test_who_was_not_seen_for_long_is_forgotten(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        remember(db, shop.id, MIRA, DARK, app.now() - timedelta(days=9))
        remember(db, shop.id, JONAS, DARK, app.now())
        assert forget_before(db, shop.id, app.now() - timedelta(days=8)) == 1
        assert seen_by(db, shop.id, MIRA)[1] is None
        assert seen_by(db, shop.id, JONAS)[1] is not None


def test_the_house_is_kept(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        remember(db, shop.id, MIRA, DARK, app.now() - VIEWERS_KEPT - timedelta(minutes=1))
        remember(db, shop.id, JONAS, DARK, app.now() - VIEWERS_KEPT)
    keep_house(app)
    with app.database.read() as db:
        assert seen_by(db, shop.id, MIRA)[1] is None
        assert seen_by(db, shop.id, JONAS)[1] is not None
