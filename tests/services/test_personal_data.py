"""What is kept about a person is handed out whole, and erased whole: whatever table it stands in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, a_buyer, a_guest, add_installed_shop, fresh, global_id, user_node
from sqlalchemy import JSON, Connection, String, Table, insert, select, update
from wire import ShopWire, answer_lost, denied, down

from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import REACTIONS, claim, do_step, end_round
from saleor_loyalty_app.services.erase_person import ERASED, erase_person, erased_by, take_tier_from_shop
from saleor_loyalty_app.services.mirror_tiers import mirror_tiers
from saleor_loyalty_app.services.personal_data import LEFT_OUT, NAMES, personal_data
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.set_tier_by_hand import set_tier_by_hand
from saleor_loyalty_app.services.set_wishes import set_wishes
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import parcels, print_jobs, tasks, variant_stock, work
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customers import customer_by_user, email_key, remember_buyer
from saleor_loyalty_app.store.parcel_tables import parcel_changes
from saleor_loyalty_app.store.personal_data import BY_SUBJECT, rows_about
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import customers, inbox

STAFF = global_id("User", 21)
NOTHING_OF_CUSTOMERS = {
    "shops": "the shop itself",
    "programs": "rules, and who of the staff published them",
    "program_drafts": "rules, and who of the staff changed them",
    "viewers": "how staff see the dashboard",
    "history_reads": "how far the reading has come",
    "workers": "processes",
    "extra_stock": "things on a shelf",
    "costs": "sums over many parcels",
    "extra_pictures": "pictures of things",
    "warehouses": "names of places",
    "print_jobs": "what staff printed; for whom stands in print_items",
    "print_chunks": "sealed pages of a day; who is on them stands in print_items",
    "stationery": "how prints look",
    "stationery_pictures": "how prints look",
    "variant_stock": "things on a shelf of the shop",
}


@pytest.fixture
def anna(app: App, shop: Shop, wire: ShopWire) -> int:
    """A member about whom something stands in every table that can hold something."""
    order_id = wire.has_order(1, total=150, user=user_node(1, firstName="Zuzanna", lastName="Quispe"))
    reward_order(app, shop, order_id)
    tell_shop(app, shop, order_id)
    with app.database.read() as db:
        found = customer_by_user(db, shop.id, global_id("User", 1))
    assert found
    set_wishes(app, shop, found.id, exclusions=["secret-nuts"], preferences=["secret-tea"])
    set_tier_by_hand(app, shop, found.id, tier="gold", by=STAFF, reason="Zuzanna helped us", last_day=None)
    mirror_tiers(app, shop)
    with app.database.write() as db:
        parcel = parcels.parcels_of(db, shop.id, found.id)[0]
        change = {"before": "Dear Zuzanna, thank you.", "after": "Dearest Zuzanna!"}
        db.execute(
            insert(parcel_changes).values(
                shop_id=shop.id, parcel_id=parcel.id, customer_id=found.id, at=app.now(), by=STAFF,
                kind="note_edited", detail=change, wish="w-1",
            )
        )  # fmt: skip
        item = parcels.items_of(db, shop.id, parcel.id)[0]
        variant_stock.add_move(db, shop.id, item.id, "variant", "warehouse", -1, now=app.now())
        print_jobs.add_job(
            db, shop.id, kind="cards", of=[(parcel.id, found.id)], options={}, by=STAFF, wish="w-2", now=app.now()
        )
        tasks.open_task(db, shop.id, "total_changed", f"order:{order_id}", detail={"number": "1"}, now=app.now())
        work.want(db, shop.id, f"order:{order_id}", due_at=app.now(), now=app.now())
        db.execute(
            insert(inbox).values(
                shop_id=shop.id, body_hash="h", subject=f"order:{order_id}", event="OrderPaid", received_at=app.now()
            )
        )
    return found.id


def about(app: App, shop: Shop, customer_id: int) -> dict[str, Any]:
    data = personal_data(app, shop, customer_id)
    assert data is not None
    return data


def everything_in(db: Connection) -> str:
    """The whole database as text."""
    return "\n".join(str(tuple(row)) for table in metadata.sorted_tables for row in db.execute(select(table)))


# ---- To show and to export


def test_every_table_is_looked_at_or_holds_nothing_of_customers(app: App, shop: Shop, anna: int) -> None:
    with app.database.read() as db:
        looked_at = set(rows_about(db, shop.id, anna))
    assert looked_at | NOTHING_OF_CUSTOMERS.keys() == metadata.tables.keys()
    assert looked_at & NOTHING_OF_CUSTOMERS.keys() == set()
    assert not [name for name in NOTHING_OF_CUSTOMERS if "customer_id" in metadata.tables[name].c]


def test_something_stands_in_every_table_that_is_looked_at(app: App, shop: Shop, anna: int) -> None:
    """Otherwise the tests below would prove less than they say."""
    with app.database.read() as db:
        assert [name for name, rows in rows_about(db, shop.id, anna).items() if not rows] == []


NEEDED_TO_FIND_ROWS = {"order_id", "user_id", "subject", "currency"}


def marked_columns(table: Table) -> Iterator[str]:
    """Columns that can hold words about a person."""
    yield from (
        column.name
        for column in table.columns
        if isinstance(column.type, String | JSON) and column.name not in NEEDED_TO_FIND_ROWS
    )


def test_whatever_stands_in_a_row_about_a_person_stands_in_the_export(app: App, shop: Shop, anna: int) -> None:
    marks = {}
    with app.database.write() as db:
        for name, rows in rows_about(db, shop.id, anna).items():
            table = metadata.tables[name]
            here = {column: f"mark of {name}.{column}" for column in marked_columns(table)}
            this_row = [column == rows[0][column.name] for column in table.primary_key.columns]
            db.execute(update(table).where(table.c.shop_id == shop.id, *this_row).values(**here))
            marks.update({mark: f"{name}.{column}" for column, mark in here.items()})
    text = json.dumps(about(app, shop, anna))
    assert len(marks) > 40
    assert sorted(where for mark, where in marks.items() if mark not in text) == []


def test_every_field_has_a_name_that_a_person_understands() -> None:
    """No abbreviation of ours, no unit in minor, no reference to a row is handed out."""
    names = {
        NAMES.get(table.name, {}).get(column.name, column.name)
        for table in metadata.sorted_tables
        if "customer_id" in table.c or table is customers or table in BY_SUBJECT
        for column in table.columns
        if column.name not in LEFT_OUT
    }
    assert [name for name in names if name.endswith(("_minor", "_key", "_row", "_id"))] == []
    for table, renamed in NAMES.items():
        assert set(renamed) <= set(metadata.tables[table].c.keys()), table


def test_the_export_is_plain_data_that_can_be_read(app: App, shop: Shop, anna: int) -> None:
    data = about(app, shop, anna)
    assert json.loads(json.dumps(data)) == data
    assert data["shop"] == "Shop of tests"
    assert data["person"]["first_name"] == "Zuzanna"
    assert data["person"]["not_in_the_parcel"] == ["secret-nuts"]
    assert data["orders"][0]["worth"] == "150.00 USD"
    (parcel,) = data["parcels"]
    assert [extra["extra"] for extra in parcel["extras"]] == ["caramel", "bookmark"]
    assert parcel["extras"][0]["cost"] == "0.20 USD"
    assert parcel["notes"][0]["text"] == "Dear Zuzanna, thank you."
    assert parcel["changes_by_staff"][0]["detail"]["after"] == "Dearest Zuzanna!"
    assert [row["as_decided"]["reason"] for row in data["tier_decisions"]] == ["", "Zuzanna helped us"]
    assert {row["what"] for row in data["told_to_the_shop"]} >= {"note:planned"}


def test_what_a_guest_had_before_is_in_it(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order(7, total=20, user=None, userEmail="anna.1@example.com"))
    with app.database.write() as db:
        buyer = a_buyer(email="anna.1@example.com")
        member = remember_buyer(
            db, shop.id, buyer, key=email_key(app.secret(shop), buyer.email), now=app.now()
        )  # fmt: skip
    data = about(app, shop, member.id)
    assert [order["number"] for order in data["orders"]] == ["7"]
    assert len(data["merged_guest_entries"]) == 1
    assert len(data["parcels"]) == 1


def test_nobody_elses_data_are_in_it(app: App, shop: Shop, wire: ShopWire, anna: int) -> None:
    reward_order(app, shop, wire.has_order(2, total=150, user=user_node(2, firstName="Bertha")))
    assert "Bertha" not in json.dumps(about(app, shop, anna))


def test_another_shop_knows_nothing_of_the_person(app: App, shop: Shop, anna: int) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    assert personal_data(app, other, anna) is None
    assert personal_data(app, shop, anna + 99) is None
    with pytest.raises(LookupError):
        erase_person(app, other, anna, by=STAFF)
    assert "Zuzanna" in json.dumps(about(app, shop, anna))


# ---- To erase


def test_after_erasing_no_word_about_the_person_is_left_in_any_table(app: App, shop: Shop, anna: int) -> None:
    with app.database.read() as db:
        key = customer_by_user(db, shop.id, global_id("User", 1))
    assert key
    assert key.email_key
    words = ("Zuzanna", "zuzanna", "Quispe", "quispe", "secret-nuts", "secret-tea", key.email_key)
    with app.database.read() as db:
        before = everything_in(db)
    assert all(word in before for word in words[:1] + words[2:3] + words[4:])
    assert erase_person(app, shop, anna, by=STAFF)
    with app.database.read() as db:
        after = everything_in(db)
    assert [word for word in words if word in after] == []


def test_sums_stay_and_the_erasure_is_recorded_without_saying_of_whom(
    app: App, shop: Shop, anna: int, log_lines: list[str]
) -> None:
    assert erased_by(app, shop, anna) is None
    assert erase_person(app, shop, anna, by=STAFF)
    assert not erase_person(app, shop, anna, by=global_id("User", 99))
    assert erased_by(app, shop, anna) == STAFF
    data = about(app, shop, anna)
    assert [row["what"] for row in data["told_to_the_shop"]].count(ERASED) == 1
    assert data["orders"][0]["worth"] == "150.00 USD"
    assert "Zuzanna" not in "".join(log_lines)
    assert global_id("User", 1) not in "".join(log_lines)


def test_the_guest_entries_of_a_person_are_erased_with_the_person(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order(7, total=20, user=None, userEmail="anna.1@example.com"))
    with app.database.write() as db:
        guest = remember_buyer(
            db, shop.id, a_guest(), key=email_key(app.secret(shop), "anna.1@example.com"), now=app.now()
        )
        db.execute(update(customers).where(customers.c.id == guest.id).values(exclusions=["guest-nuts"], language="xx"))
        member = remember_buyer(
            db, shop.id, a_buyer(), key=email_key(app.secret(shop), "anna.1@example.com"), now=app.now()
        )
    with pytest.raises(LookupError):
        erase_person(app, shop, guest.id, by=STAFF)
    assert erase_person(app, shop, member.id, by=STAFF)
    with app.database.read() as db:
        assert "guest-nuts" not in everything_in(db)


# ---- What the shop shows of the tier


def do_rounds(app: App, shop: Shop) -> list[str]:
    """Carry out what is due, as a worker does; return what it was about."""
    done = []
    for item in claim(app, limit=10):
        about, _, _ = item.subject.partition(":")
        for step in REACTIONS[about]:
            ending = do_step(app, shop.id, item.subject, step)
            if not ending.is_done:
                break
        end_round(app, shop.id, item.subject, item.round, ending)
        done.append(about)
    return done


def test_the_tier_is_taken_off_the_shop_even_if_that_fails_at_first(
    app: App, shop: Shop, wire: ShopWire, anna: int, clock: Any
) -> None:
    account = global_id("User", 1)
    assert wire.metadata[account]["best-regards.tier"] == "Gold"
    erase_person(app, shop, anna, by=STAFF)
    wire.next_time("MirrorTiers", down, answer_lost)
    for _ in range(3):
        do_rounds(app, shop)
        clock.pass_time(minutes=5)
    assert wire.metadata[account] == {"best-regards.tier": "", "best-regards.since": ""}
    told = wire.times("MirrorTiers")
    take_tier_from_shop(app, shop, account)
    assert wire.times("MirrorTiers") == told + 1  # safe to repeat
    with app.database.read() as db:
        row = work.find(db, shop.id, f"unmirror:{account}")
    assert row is not None
    assert row.state == work.DONE


def test_trouble_with_it_is_kept_for_the_next_try_or_a_human(app: App, shop: Shop, wire: ShopWire, anna: int) -> None:
    erase_person(app, shop, anna, by=STAFF)
    wire.next_time("MirrorTiers", answer_lost, denied)
    with pytest.raises(TryAgain):
        take_tier_from_shop(app, shop, global_id("User", 1))
    with pytest.raises(Denied):
        take_tier_from_shop(app, shop, global_id("User", 1))


def test_of_somebody_whose_tier_was_never_told_nothing_is_taken_off(app: App, shop: Shop, wire: ShopWire) -> None:
    reward_order(app, shop, wire.has_order(1, total=10))
    with app.database.read() as db:
        found = customer_by_user(db, shop.id, global_id("User", 1))
    assert found
    erase_person(app, shop, found.id, by=STAFF)
    with app.database.read() as db:
        assert work.find(db, shop.id, f"unmirror:{global_id('User', 1)}") is None


def test_who_came_back_and_has_a_tier_again_keeps_it_shown(app: App, shop: Shop, wire: ShopWire, anna: int) -> None:
    erase_person(app, shop, anna, by=STAFF)
    reward_order(app, shop, wire.has_order(2, total=150, user=user_node(1)))
    mirror_tiers(app, fresh(app, shop))
    take_tier_from_shop(app, shop, global_id("User", 1))
    assert wire.metadata[global_id("User", 1)]["best-regards.tier"] == "Silver"
