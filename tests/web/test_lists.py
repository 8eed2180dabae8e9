"""The lists of parcels and of customers: narrowed, searched, sorted, and leafed through there and back."""

import re
from typing import Any

import pytest
from factories import a_buyer, a_guest, fresh, global_id
from panel_house import HOSTILE, House, german_and_english
from werkzeug.test import TestResponse

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.set_tier_by_hand import set_tier_by_hand
from saleor_loyalty_app.store import parcel_lists, parcels
from saleor_loyalty_app.store.shops import REHEARSAL, change_shop
from saleor_loyalty_app.web import means
from saleor_loyalty_app.web.pages import SHELL_PATHS


@pytest.fixture
def house(app: App) -> House:
    return House(app)


def somebody(number: int, **changes: Any) -> Any:
    return a_buyer(**{"user_id": global_id("User", f"n{number}"), "email": f"n{number}@example.com", **changes})


def codes(answer: TestResponse) -> list[str]:
    """The parcels on a page, as they stand there."""
    return re.findall(r'href="/parcels/(BR-\w+)"', answer.text)


def people(answer: TestResponse) -> list[int]:
    """The customers on a page, as they stand there."""
    return [int(id) for id in re.findall(r'href="/customers/(\d+)"', answer.text)]


def trail(answer: TestResponse, button: str) -> str:
    """What a button that turns the page sends."""
    found = re.search(rf'name="trail" value="([^"]*)">{button}<', answer.text)
    assert found, button
    return found[1]


def close(house: House, parcel: Any, state: str) -> None:
    with house.app.database.write() as db:
        parcels.close_parcel(db, house.shop.id, parcel, state=state, why="x", now=house.app.now())


# ---- Parcels


def test_parcels_are_found_by_number_code_and_name(house: House) -> None:
    first = house.bought(buyer=somebody(1, first_name="Zoë", last_name="Van der Berg"))
    second = house.bought(buyer=somebody(2))
    for search in (
        "1",
        "#1",
        first.code.lower(),
        "zo",
        "ZOE",
        "van der b",
        "zoe van",
        "Van der Berg, Zoë",
    ):
        assert codes(house.post("/panel/parcels", {"search": search})) == [first.code], search
    assert codes(house.post("/panel/parcels", {"search": "nguyen"})) == [second.code]
    for search in ("%", "_", "erg", "1' OR 1=1"):
        assert "No parcel found" in house.post("/panel/parcels", {"search": search}).text, search


def test_parcels_are_narrowed_by_state_tier_channel_mode_and_day(house: House) -> None:
    old = house.bought(buyer=somebody(1), channel="wholesale", total=150)
    house.app.now.__self__.pass_time(days=3)  # type: ignore[attr-defined]
    with house.app.database.write() as db:
        change_shop(db, house.shop.id, mode=REHEARSAL)
    house.shop = fresh(house.app, house.shop)
    new = house.bought(buyer=somebody(2))
    close(house, new.id, parcels.SKIPPED)
    for fields, found in (
        ({"to_in": "planned"}, [old]), ({"in": "skipped"}, [new]), ({"to_in": "cancelled"}, []),
        ({"tier": "silver"}, [old]), ({"tier": "-"}, [new]), ({"channel": "wholesale"}, [old]),
        ({"mode": "live"}, [old]), ({"mode": "rehearsal"}, [new]), ({"mode": "live", "in": "planned"}, [old]),
        ({"mode": "live", "in": "skipped"}, []), ({"from": "2026-06-16"}, [new]), ({"to": "2026-06-16"}, [old]),
        ({"from": "2026-06-15", "to": "2026-06-15"}, [old]), ({"from": "2026-06-16", "to": "2026-06-17"}, []),
        ({"from": "2027-01-01"}, []), ({"to": "2020-01-01"}, []), ({"from": "soon", "to": "0001-01-01"}, [new, old]),
        ({"tier": "silver", "channel": "wholesale", "mode": "live", "from": "2026-01-01"}, [old]),
        ({"tier": "silver", "channel": "default-channel"}, []), ({"in": "wild", "mode": "wild"}, [new, old]),
        ({"search": "anna", "in": "skipped"}, [new]), ({"search": "2", "in": "planned"}, []),
    ):  # fmt: skip
        assert codes(house.post("/panel/parcels", fields)) == [each.code for each in found], fields


def test_a_day_is_one_of_the_programs_zone(app: App) -> None:
    house = House(app, toml=german_and_english(time_zone="Pacific/Auckland"))
    parcel = house.bought()  # planned at 12:00 UTC, which is midnight there
    assert codes(house.post("/panel/parcels", {"from": "2026-06-16", "to": "2026-06-16"})) == [parcel.code]
    assert codes(house.post("/panel/parcels", {"from": "2026-06-15", "to": "2026-06-15"})) == []


def test_states_are_counted_and_large_numbers_only_up_to_a_limit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        house.bought(buyer=somebody(number))
    counted = r'value="planned"[^>]*>To pack <span class="number">([^<]*)<'
    assert re.findall(counted, house.get("/panel/parcels").text) == ["4"]
    monkeypatch.setattr("saleor_loyalty_app.store.pages.COUNTED_TO", 3)
    assert re.findall(counted, house.get("/panel/parcels").text) == ["3+"]


def test_parcels_are_leafed_through_there_and_back_without_a_gap(house: House) -> None:
    every = [house.bought(buyer=a_guest(email=f"{n}@example.com")).code for n in range(45)]
    first = house.get("/panel/parcels")
    second = house.post("/panel/parcels", {"trail": trail(first, "Next")})
    third = house.post("/panel/parcels", {"trail": trail(second, "Next")})
    assert codes(first) + codes(second) + codes(third) == every[::-1]
    assert "Next</button>" not in third.text
    assert codes(house.post("/panel/parcels", {"trail": trail(third, "Back")})) == codes(second)
    assert codes(house.post("/panel/parcels", {"trail": trail(second, "Back")})) == codes(first)
    assert codes(house.post("/panel/parcels", {"trail": trail(third, "First page")})) == codes(first)


def test_the_filters_stay_while_one_leafs(house: House) -> None:
    for number in range(25):
        house.bought(buyer=somebody(number, last_name="Weiß"))
    asked = {"to_in": "planned", "search": "weiss", "channel": "default-channel"}
    first = house.post("/panel/parcels", asked)
    for field in ('name="in" value="planned"', 'name="search" value="weiss"', 'value="default-channel" selected'):
        assert field in first.text, field
    second = house.post("/panel/parcels", {**asked, "trail": trail(first, "Next")})
    assert len(codes(first) + codes(second)) == 25


def test_where_little_fits_the_list_says_how_far_it_looked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel_lists, "LOOKED_AT", 5)
    rare = house.bought(channel="wholesale", total=150).code
    for number in range(12):
        house.bought(buyer=somebody(number, first_name="Anna"), total=150)
    asked, seen = {"tier": "silver", "channel": "wholesale"}, []
    answer = house.post("/panel/parcels", asked)
    while "Look further back" in answer.text:
        assert "Searched the parcels back to 15 June 2026." in answer.text
        seen.append(codes(answer))
        answer = house.post("/panel/parcels", {**asked, "trail": trail(answer, "Look further back")})
    assert [*seen, codes(answer)] == [[], [], [rare]]


def test_a_name_that_many_have_is_met_on_the_way_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [house.bought(buyer=somebody(number, last_name="Weiß")).code for number in range(6)]
    house.bought(buyer=somebody(7, last_name="Other"))
    few = codes(house.post("/panel/parcels", {"search": "weiss"}))
    monkeypatch.setattr(parcel_lists, "FEW_PEOPLE", 2)
    assert codes(house.post("/panel/parcels", {"search": "weiss"})) == few == wanted[::-1]
    assert codes(house.post("/panel/parcels", {"search": "weiss", "in": "packed"})) == []


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40, "1 2 x", "9" * 17, "<script>", "²"])
def test_a_made_up_place_in_the_list_does_no_harm(house: House, cursor: str) -> None:
    house.bought()
    for path in ("/panel/parcels", "/panel/parcels/in/failed", "/panel/customers"):
        answer = house.post(
            path.replace("/in/failed", ""), {"trail": cursor, "in": "failed" if "failed" in path else ""}
        )
        assert answer.status_code == 200
        assert "<script>" not in answer.text


# ---- Failed


def test_failed_orders_are_listed_with_what_went_wrong_also_without_a_parcel(house: House) -> None:
    with_parcel = house.bought(buyer=somebody(1, first_name="Zoë"), total=150)
    house.no_parcel("not_paid")
    house.failed(f"order:{global_id('Order', 1)}", "The shop refused the note.")
    house.failed(f"order:{global_id('Order', 2)}", "It is gone.")
    house.failed(f"order:{global_id('Order', 404)}", "Never read.")
    house.failed("customer:x", "Not an order.")
    text = house.get("/panel/parcels/in/failed").text
    for words in (
        with_parcel.code,
        "/orders/2",
        "The shop refused the note.",
        "It is gone.",
        "Never read.",
        "Not read yet",
    ):
        assert words in text, words
    assert "Not an order." not in text
    assert re.findall(r'value="failed"[^>]*>Failed <span class="number">(\d+)<', text) == ["3"]
    for fields, found in (
        ({"search": "zoe"}, [with_parcel.code]), ({"search": "#1"}, [with_parcel.code]), ({"search": "nobody"}, []),
        ({"tier": "silver"}, [with_parcel.code]), ({"channel": "elsewhere"}, []), ({"to": "2026-06-14"}, []),
        ({"mode": "live"}, [with_parcel.code]), ({"from": "2026-06-15"}, [with_parcel.code]),
    ):  # fmt: skip
        assert codes(house.post("/panel/parcels", {"in": "failed", **fields})) == found, fields


def test_failed_orders_are_leafed_through_without_a_gap(house: House) -> None:
    for number in range(45):
        house.failed(f"order:{number:02}", f"Trouble {number:02}.")
        house.app.now.__self__.pass_time(seconds=number % 3)  # type: ignore[attr-defined]
    answer, seen = house.get("/panel/parcels/in/failed"), []
    for _ in range(3):
        seen += re.findall(r"Trouble (\d\d)\.", answer.text)
        if "Next</button>" in answer.text:
            answer = house.post("/panel/parcels", {"in": "failed", "trail": trail(answer, "Next")})
    assert sorted(seen) == [f"{number:02}" for number in range(45)]


def test_no_failure_is_good_news(house: House) -> None:
    assert "Nothing has failed" in house.get("/panel/parcels/in/failed").text


# ---- Customers


def test_customers_are_found_by_tier_standing_and_name(house: House) -> None:
    anna = house.bought(total=150).customer_id
    gwen = house.bought(buyer=a_guest(email="g@example.com", first_name="Gwen", last_name="Łęcka")).customer_id
    set_tier_by_hand(house.app, house.shop, gwen, by="x", tier="gold", reason="x", last_day=None)
    for fields, found in (
        ({}, [gwen, anna]), ({"to_in": "silver"}, [anna]), ({"in": "gold"}, [gwen]), ({"in": "-"}, []),
        ({"search": "gw łę"}, [gwen]), ({"search": "LECKA"}, [gwen]), ({"search": "lecka, gwen"}, [gwen]),
        ({"search": "cka"}, []), ({"search": "%"}, []), ({"standing": "manual"}, [gwen]), ({"standing": "warned"}, []),
        ({"standing": "wild"}, [gwen, anna]), ({"in": "silver", "search": "gwen"}, []), ({"in": "unknown"}, []),
    ):  # fmt: skip
        assert people(house.post("/panel/customers", fields)) == found, fields


def test_a_customer_is_listed_with_value_orders_and_days(house: House) -> None:
    house.bought(total=150, days_ago=2)
    house.bought(total=50)
    text = re.sub(r"\s+", " ", house.get("/panel/customers").text)
    for cell in ('Value" class="number">$200.00</td>', 'Orders" class="number">2</td>',
                 'Last order">15 June 2026</td>', 'Next review">14 May 2027</td>'):  # fmt: skip
        assert cell in text, cell


def sorted_people(house: House) -> dict[str, list[int]]:
    """By each sort, who should stand where: three who bought, and two who never did."""
    much = house.bought(total=300, days_ago=30, buyer=somebody(1)).customer_id
    little = house.bought(total=120, days_ago=20, buyer=somebody(2)).customer_id
    lately = house.bought(total=10, days_ago=1, buyer=somebody(3)).customer_id
    none, other = (house.bought(buyer=somebody(n), status="CANCELED").customer_id for n in (4, 5))
    return {
        "newest": [other, none, lately, little, much],
        "oldest": [much, little, lately, none, other],
        "value": [much, little, lately, other, none],
        "value-up": [none, other, lately, little, much],
        "last-order": [lately, little, much, other, none],
        "last-order-up": [much, little, lately, other, none],
        "review": [much, little, other, none, lately],
        "review-down": [little, much, other, none, lately],
    }


def test_customers_are_sorted_and_leafed_through_by_each_sort(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sorted_people(house)
    for rows in (1, 2, 3, 20):
        monkeypatch.setattr("saleor_loyalty_app.web.customer_lists.ROWS", rows)
        for sort, order in expected.items():
            answer = house.get(f"/panel/customers/in/_/by/{sort}")
            seen = people(answer)
            while "Next</button>" in answer.text:
                before = answer
                answer = house.post("/panel/customers", {"by": sort, "trail": trail(answer, "Next")})
                back = house.post("/panel/customers", {"by": sort, "trail": trail(answer, "Back")})
                assert people(back) == people(before)
                seen += people(answer)
            if sort.startswith("review"):
                assert [id for id in seen if id in order[:2]] == order[:2]
                assert sorted(seen) == sorted(order)
            else:
                assert seen == order, (sort, rows)


def test_a_heading_sorts_and_turns_round_and_says_so(house: House) -> None:
    house.bought()
    assert "aria-sort" not in house.get("/panel/customers").text
    by_value = house.post("/panel/customers", {"to_by": "value", "by": "newest"}).text
    button = '"><button class="sort" type="submit" name="to_by" value="'
    assert f'aria-sort="descending{button}value-up"' in by_value
    turned = house.post("/panel/customers", {"to_by": "value-up", "by": "value"}).text
    assert f'aria-sort="ascending{button}value"' in turned
    assert '<option value="value-up" selected>' in turned


def test_tiers_have_counts_and_bars(house: House) -> None:
    house.bought(total=150, buyer=somebody(1))
    house.bought(buyer=somebody(2))
    text = house.get("/panel/customers").text
    name_and_bar = r"<span>([^<]+)</span>\s*<progress max=\"100\" value=\"([\d.]+)\""
    tiles = re.findall(r'value="([^"]*)" aria-pressed="(\w+)"><b>(\d+)</b>' + name_and_bar, text)
    assert tiles == [
        ("", "true", "2", "All", "100.0"), ("gold", "false", "0", "Gold", "0.0"),
        ("silver", "false", "1", "Silver", "50.0"), ("-", "false", "1", "No tier", "50.0"),
    ]  # fmt: skip


def test_many_customers_are_counted_once_a_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_of_them() -> str:
        return re.findall(r"<b>(\d+)</b><span>All<", house.get("/panel/customers").text)[0]

    counts = []
    for many, holds in ((2, 60), (2, 60), (1, 60), (1, 60), (1, 0)):
        monkeypatch.setattr(means, "MANY_CUSTOMERS", many)
        monkeypatch.setattr(means, "COUNT_HOLDS_SECONDS", holds)
        house.bought(buyer=somebody(len(counts)))
        counts.append(all_of_them())
    assert counts == ["1", "2", "3", "3", "5"]


# ---- Addresses


@pytest.mark.parametrize(
    ("path", "fields", "address"),
    [
        ("/panel/parcels", {}, "/parcels"),
        ("/panel/parcels", {"to_in": "planned"}, "/parcels/in/planned"),
        ("/panel/parcels", {"tier": "gold", "from": "2026-01-02"}, "/parcels/in/_/tier/gold/from/2026-01-02"),
        ("/panel/parcels", {"in": "failed", "channel": "a/b?c=d"}, "/parcels/in/failed"),
        ("/panel/parcels", {"search": "Anna"}, "/parcels"),
        ("/panel/customers", {"to_in": "gold"}, "/customers/in/gold"),
        ("/panel/customers", {"in": "-", "by": "value", "search": "Anna"}, "/customers/in/-/by/value"),
        ("/panel/customers", {"standing": "grace", "by": "newest"}, "/customers/in/_/standing/grace"),
    ],
)
def test_what_a_list_is_narrowed_to_survives_a_reload_but_no_name_does(
    house: House, path: str, fields: dict[str, str], address: str
) -> None:
    house.bought(total=150)
    answer = house.post(path, fields)
    assert answer.headers["Panel-Path"] == address
    assert house.client.get(address).status_code == 200  # the shell
    again = house.get(f"/panel{address}")
    assert again.headers["Panel-Path"] == address
    if "search" not in fields:
        assert (codes(again), people(again)) == (codes(answer), people(answer))


def test_the_shell_is_found_at_the_addresses_of_lists() -> None:
    assert {"/parcels/in/<path:_code>", "/customers/in/<path:_code>"} <= set(SHELL_PATHS)


def test_odd_addresses_are_lists_all_the_same(house: House) -> None:
    parcel = house.bought()
    for rest in ("_", "planned/", "planned/tier", "_/nonsense/x", "_/tier//mode/live"):
        assert codes(house.get(f"/panel/parcels/in/{rest}")) == [parcel.code], rest
    assert house.get("/panel/customers/in/_/by/nonsense").status_code == 200


def test_a_search_never_stands_in_an_address(house: House) -> None:
    house.bought()
    text = house.get("/panel/parcels").text + house.get("/panel/customers").text
    assert "hx-get=" in text
    assert not re.search(r'hx-get="[^"]*[?]', text)


def test_what_was_typed_is_only_text(house: House) -> None:
    house.bought(channel=HOSTILE)
    for path in ("/panel/parcels", "/panel/customers"):
        text = house.post(path, {"search": HOSTILE, "channel": HOSTILE, "in": HOSTILE, "trail": HOSTILE}).text
        assert "<script" not in text


def test_lists_in_german(house: House) -> None:
    house.bought(total=150)
    house.failed(f"order:{global_id('Order', 1)}")
    text = house.get("/panel/parcels/in/failed", locale="de").text + house.get("/panel/customers", locale="de").text
    for words in ("Fehlgeschlagen am", "Was schiefging", "Höchster Wert zuerst", "150,00\xa0$", "15. Juni 2026"):
        assert words in text, words
