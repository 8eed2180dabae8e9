"""A draft shows what the last orders would have got, with the same dice, beside what they got."""

from typing import Any

import pytest
from factories import a_surprise_extra, an_extra, program_toml
from orders_made import Orders

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.preview_orders import OrdersPreview, preview_orders
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.set_tier_by_hand import set_tier_by_hand
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import metadata

CARD = a_surprise_extra("art-card", cost="0.40")


@pytest.fixture
def made(app: App, shop: Shop) -> Orders:
    return Orders(app, shop)


def draft(**changes: Any) -> Program:
    return read_program(program_toml(**changes))


def preview(made: Orders, **changes: Any) -> OrdersPreview:
    return preview_orders(made.app, made.shop, draft(**changes))


def test_without_orders_there_is_nothing_to_show(made: Orders) -> None:
    empty = preview(made)
    assert (empty.lines, empty.changed, empty.cost_after_minor, empty.pieces_after) == ((), 0, 0, {})


def test_the_same_rules_give_the_same_to_everyone(made: Orders) -> None:
    for number in range(12):
        made.bought(number % 5, total=90, days_ago=30 - number)
    same = preview(made, name="Another name")
    assert len(same.lines) == 12
    assert [line.order_number for line in same.lines][:2] == ["12", "11"]
    assert same.changed == 0
    assert same.cost_before_minor == same.cost_after_minor > 0
    assert same.pieces_before == same.pieces_after
    assert [line for line in same.lines if line.tier_before != line.tier_after] == []


def test_another_chance_is_thrown_with_the_same_dice(made: Orders) -> None:
    for number in range(9):
        made.bought(number + 1, days_ago=1)
    none, some = (preview(made, surprises=[{"chance": c, "pool": ["bookmark"]}]) for c in (0.0, 0.5))
    assert none.pieces_after == {"caramel": 9}
    assert none.changed == 9
    assert {line.after.no_surprise for line in none.lines} == {"not_drawn"}
    assert 0 < some.pieces_after["bookmark"] < 9
    again = preview(made, surprises=[{"chance": 0.5, "pool": ["bookmark"]}])
    assert [line.after for line in some.lines] == [line.after for line in again.lines]


def test_a_new_extra_and_a_new_price_show_in_the_sums(made: Orders) -> None:
    made.bought()
    extras = [an_extra(cost="0.30"), a_surprise_extra(), CARD]
    shown = preview(made, extras=extras, surprises=[{"chance": 1.0, "pool": ["art-card"]}])
    (line,) = shown.lines
    assert (line.before.extras, line.after.extras) == (("caramel", "bookmark"), ("caramel", "art-card"))
    assert (shown.cost_before_minor, shown.cost_after_minor) == (80, 70)
    assert shown.pieces_before == {"caramel": 1, "bookmark": 1}
    assert shown.pieces_after == {"caramel": 1, "art-card": 1}


def test_another_text_of_a_note_is_a_change(made: Orders) -> None:
    made.bought()
    (line,) = preview(made, notes=[{"id": "thanks", "language": "en", "text": "Thank you!"}]).lines
    assert line.changed
    assert (line.before.note_id, line.after.note_id) == ("thanks", "thanks")
    assert line.after.note_text == "Thank you!"


def test_higher_thresholds_give_the_tier_that_the_draft_would_have_led_to(made: Orders) -> None:
    for days_ago in (20, 10):
        made.bought(total=60, days_ago=days_ago)
    tiers = [{"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "200"}}]
    newest, oldest = preview(made, tiers=tiers).lines
    assert (newest.tier_before, newest.tier_after) == ("silver", None)
    assert (oldest.tier_before, oldest.tier_after) == (None, None)


def test_a_tier_by_hand_stays_while_the_draft_has_it(made: Orders) -> None:
    parcel = made.bought(total=10, days_ago=3)
    set_tier_by_hand(
        made.app, made.shop, parcel.customer_id, tier="gold", reason="a friend of the house", last_day=None, by="x"
    )
    made.bought(total=10, days_ago=1)
    tiers = [
        {"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "1"}},
        {"id": "gold", "name": {"en": "Gold"}, "enter": {"spend": "900"}},
    ]
    assert preview(made, tiers=tiers).lines[0].tier_after == "gold"
    assert preview(made, tiers=tiers[:1]).lines[0].tier_after == "silver"


def test_a_tighter_budget_gives_less(made: Orders) -> None:
    for number in range(4):
        made.bought(number + 1)
    publish_program(made.app, made.shop.id, toml=program_toml(budget={"month": "100"}), published_by="x")
    assert preview(made, budget={"month": "0.5"}).pieces_after == {"caramel": 4}


def test_parcels_of_before_circumstances_were_kept_are_compared_alike(made: Orders) -> None:
    parcel = made.bought()
    with made.app.database.write() as db:
        db.execute(parcels.update().values(circumstances=None).where(parcels.c.id == parcel.id))
    assert preview(made).changed == 0


def test_nothing_is_written(made: Orders) -> None:
    for number in range(3):
        made.bought(number + 1, total=200)
    before = everything(made.app)
    preview(made, tiers=[])
    assert everything(made.app) == before


def everything(app: App) -> dict[str, list[Any]]:
    with app.database.read() as db:
        return {table.name: db.execute(table.select()).fetchall() for table in metadata.sorted_tables}
