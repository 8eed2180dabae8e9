"""What the token of a desk in a tab of its own opens: the desk, and nothing else of the app."""

import re
from typing import Any

import pytest
from flask import Flask
from panel_house import House
from werkzeug.test import TestResponse

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.open_desk import enter_desk, make_link
from saleor_loyalty_app.store.shops import change_shop

PACKER = "VXNlcjo3"
ALL = {"MANAGE_ORDERS", "MANAGE_USERS", "MANAGE_APPS"}


class Tablet:
    """A desk in a tab of its own: what its script sends."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.token = enter_desk(house.app, make_link(house.app, house.shop, by=PACKER, permissions=ALL))

    def open(self, path: str, method: str = "GET", **more: Any) -> TestResponse:
        return self.house.client.open(path, method=method, headers={"Desk-Token": self.token}, **more)


@pytest.fixture
def house(app: App) -> House:
    return House(app)


@pytest.fixture
def tablet(house: House) -> Tablet:
    return Tablet(house)


def routes(web: Flask) -> list[tuple[str, str, bool]]:
    """Method, path and whether it is for desks, of every guarded route."""
    found = []
    for rule in web.url_map.iter_rules():
        view = web.view_functions[rule.endpoint]
        if getattr(view, "needs_permissions", ()):
            path = re.sub(r"<\w+>", "x", re.sub(r"<(int|path):\w+>", "1", rule.rule))
            found += [(method, path, view.is_for_desks) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def test_a_desks_token_opens_the_desk_and_nothing_else(house: House, tablet: Tablet) -> None:
    web = house.client.application
    opened = set()
    for method, path, is_for_desks in routes(web):
        if path == "/panel/desks/leave":
            continue
        answer = tablet.open(path, method)
        assert (answer.status_code != 401) == is_for_desks, f"{method} {path}: {answer.status_code}"
        if is_for_desks:
            opened.add(path)
        else:
            assert 'data-why="not_at_desk"' in answer.text or "only in the dashboard" in answer.text, path
    assert opened
    assert all(path.startswith("/panel/desk") for path in opened)


def test_the_desk_has_no_way_to_the_rest_of_the_panel(house: House, tablet: Tablet) -> None:
    house.bought()
    page = tablet.open("/panel/desk")
    assert page.status_code == 200
    assert "End this desk" in page.text
    assert set(re.findall(r'hx-get="([^"]+)"', page.text)) <= {"/panel/desk"}
    assert "Open in a tab of its own" not in page.text


def test_a_tab_is_let_in_once_by_its_code_and_told_nothing_otherwise(house: House) -> None:
    link = house.post("/panel/desks/link")
    (code,) = set(re.findall(r"/desk/tab#([\w.-]+)", link.text))
    assert "data:image/svg+xml" in link.text
    let_in = house.client.post("/panel/desks/enter", data={"code": code})
    assert let_in.status_code == 200
    token = let_in.json["token"]
    assert house.client.get("/panel/desk", headers={"Desk-Token": token}).status_code == 200
    for wrong in (code, "", "1.x"):
        refused = house.client.post("/panel/desks/enter", data={"code": wrong})
        assert refused.status_code == 401
        assert "token" not in refused.json
    unknown = house.client.get("/panel/desk", headers={"Desk-Token": "1.nonsense"})
    assert 'data-why="unknown"' in unknown.text


def test_a_desk_ends_by_its_button_and_from_the_dashboard(house: House, tablet: Tablet) -> None:
    other = Tablet(house)
    assert "Desk of staff member 7" in house.get("/panel/desk").text
    assert tablet.open("/panel/desks/leave", "POST").status_code == 204
    ended = tablet.open("/panel/desk")
    assert ended.status_code == 401
    assert 'data-why="desk_ended"' in ended.text
    assert other.open("/panel/desk").status_code == 200
    assert "Desk of" not in house.post("/panel/desks/end", {"all": "yes"}).text
    assert other.open("/panel/desk").status_code == 401


def test_a_desk_is_told_when_the_app_lost_its_permission(house: House, tablet: Tablet) -> None:
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, permissions=["MANAGE_USERS"])
    answer = tablet.open("/panel/desk")
    assert answer.status_code == 403
    assert 'data-why="app_lacks"' in answer.text
