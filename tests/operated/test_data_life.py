"""What is kept, for how long, and that it goes: tables by their time, every word of a person, everything of a shop."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from factories import NOW, OTHER_SHOP_URL, Clock, a_buyer, a_row, add_installed_shop, an_order
from sqlalchemy import JSON, Connection, LargeBinary, String, Table, Text, insert, select, update

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.erase_person import erase_person
from saleor_loyalty_app.services.keep_house import forget_pages, keep_house
from saleor_loyalty_app.services.personal_data import personal_data
from saleor_loyalty_app.store import orders, work
from saleor_loyalty_app.store.columns import UtcDateTime, metadata
from saleor_loyalty_app.store.customers import remember_buyer
from saleor_loyalty_app.store.personal_data import rows_about
from saleor_loyalty_app.store.shops import DORMANT, Shop, change_shop

TIMES = Path(__file__).parents[2] / "docs" / "operations.md"
AGED = {
    "inbox": 30, "work": 30, "viewers": 180, "desk_sessions": 7, "print_jobs": 1, "print_items": 1, "print_chunks": 1,
}  # fmt: skip
"""Tables whose rows go by their age, and after how many days."""


def table_rows() -> dict[str, str]:
    """The table of docs/operations.md: how long the rows of each table are kept."""
    words = TIMES.read_text(encoding="utf-8").partition("## How long things are kept")[2]
    found = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", words, re.MULTILINE)
    return {name: kept.strip() for name, kept in found}


def test_every_table_and_its_time_is_documented() -> None:
    documented = table_rows()
    assert documented.keys() == metadata.tables.keys()
    for name, days in AGED.items():
        assert documented[name].startswith("a day" if days == 1 else f"{days} days"), name
    by_age = {name for name, kept in documented.items() if re.match(r"a day|\d+ days", kept)}
    assert by_age == AGED.keys()


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def fill(app: App, shop: Shop, number: int, *, mark: str) -> int:
    """A person with a row in every table that can name one; in each text of these stands a mark."""
    now = app.now()
    with app.database.write() as db:
        buyer = a_buyer(user_id=f"user-{number}", email=f"{number}@example.com")
        person = remember_buyer(db, shop.id, buyer, key=f"key-{number}", now=now)
        order, _ = orders.write_facts(db, shop.id, person.id, an_order(number))
        owner: dict[str, Any] = {"shop_id": shop.id, "customer_id": person.id}

        def put(name: str, **values: Any) -> int:
            table = metadata.tables[name]
            key = table.c.id if "id" in table.c else table.c.shop_id
            return int(db.execute(insert(table).values(**a_row(table, **values)).returning(key)).scalar_one())

        parcel = put("parcels", **owner, order_row=order.id, code=f"BR-{number}", plan=_plan(mark), story=_story(mark))
        mine = {**owner, "parcel_id": parcel}
        item = put("parcel_items", **mine)
        put("notes", **mine)
        put("parcel_changes", **mine, wish=f"wish-{number}", detail=dict.fromkeys(("before", "after", "words"), mark))
        put("promises", **mine, position=0)
        put("stock_movements", shop_id=shop.id, parcel_item_id=item, why="taken", extra_id="x")
        put("variant_moves", shop_id=shop.id, parcel_item_id=item)
        put("tier_decisions", **owner, order_row=order.id, record={"reason": mark})
        job = put("print_jobs", shop_id=shop.id, code=f"PJ-{number}", wish=f"print-{number}", state="done")
        put("print_items", **mine, job_id=job, position=0)
        put("print_chunks", shop_id=shop.id, job_id=job, number=0, sealed_pdf=app.vault.seal(mark.encode()))
        subject = f"order:{order.order_id}"
        put("inbox", shop_id=shop.id, subject=subject, body_hash=str(number))
        put("work", shop_id=shop.id, subject=subject, round=1, state="done")
        put("effects", shop_id=shop.id, subject=subject, effect="note:planned")
        put("tasks", shop_id=shop.id, subject=subject, kind="x", detail={"words": mark})
        for name, columns in WORDS.items():
            table = metadata.tables[name]
            of = table.c.id if name == "customers" else table.c.customer_id
            values = {column: [mark] if isinstance(table.c[column].type, JSON) else mark for column in columns}
            db.execute(update(table).where(of == person.id).values(values))
    return person.id


WORDS = {
    "customers": ("first_name", "last_name", "first_key", "last_key", "email_key", "exclusions", "preferences"),
    "notes": ("text", "sign_off"),
}
"""Columns whose whole content is about a person, or what somebody wrote to one."""


def _plan(mark: str) -> dict[str, Any]:
    return {"note": {"text": mark}, "extras": {"passed": [{"extra_id": "x", "detail": mark}]}}


def _story(mark: str) -> dict[str, Any]:
    return {"exclusions": [mark], "preferences": [mark]}


def everything(db: Connection, app: App) -> dict[str, str]:
    """All that stands in each table, as text; what is sealed is opened."""
    return {
        table.name: "\n".join(
            str([_opened(app, table, column, value) for column, value in row.items()])
            for row in db.execute(select(table)).mappings()
        )
        for table in metadata.sorted_tables
    }


def _opened(app: App, table: Table, column: str, value: Any) -> Any:
    return app.vault.open(value) if column.startswith("sealed_") and value else value


def test_after_erasing_no_mark_of_the_person_is_left_in_any_table_and_nobody_else_has_lost_anything(
    app: App, shop: Shop
) -> None:
    anna, ben = fill(app, shop, 1, mark="mark-of-anna"), fill(app, shop, 2, mark="mark-of-ben")
    with app.database.read() as db:
        before, of_ben = everything(db, app), rows_about(db, shop.id, ben)
        filled = {name for name, rows in rows_about(db, shop.id, anna).items() if rows}
        assert filled == rows_about(db, shop.id, anna).keys()
    marked = {name for name, text in before.items() if "mark-of-anna" in text}
    assert marked >= {
        "customers", "notes", "parcels", "parcel_changes", "tier_decisions", "tasks", "print_chunks"
    }  # fmt: skip
    assert erase_person(app, shop, anna, by="staff")
    with app.database.read() as db:
        after = everything(db, app)
        assert {name for name, text in after.items() if "mark-of-anna" in text} == set()
        assert rows_about(db, shop.id, ben) == of_ben
        assert "mark-of-ben" in after["print_chunks"]
        for name in ("orders", "parcels", "parcel_items", "tier_decisions", "stock_movements", "costs"):
            assert before[name].count("\n") == after[name].count("\n"), name


def test_the_export_holds_every_mark_of_the_person_and_none_of_another(app: App, shop: Shop) -> None:
    anna = fill(app, shop, 1, mark="mark-of-anna")
    fill(app, shop, 2, mark="mark-of-ben")
    exported = str(personal_data(app, shop, anna))
    with app.database.read() as db:
        stored = everything(db, app)
    stored.pop("print_chunks")  # pages of a day, which show what stands here already
    assert exported.count("mark-of-anna") == sum(text.count("mark-of-anna") for text in stored.values()) > 10
    assert "mark-of-ben" not in exported


def test_a_removed_shop_leaves_no_row_in_any_table(app: App, shop: Shop, clock: Clock) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    for number, one in enumerate((shop, other), 1):
        fill(app, one, number, mark="mark")
        with app.database.write() as db:
            for table in metadata.sorted_tables:
                if "shop_id" in table.c and not _count(db, table, one.id):
                    db.execute(insert(table), a_row(table, **_key(table), shop_id=one.id))
    with app.database.write() as db:
        change_shop(db, shop.id, state=DORMANT, away_since=app.now())
        before = {table.name: _count(db, table, other.id) for table in metadata.sorted_tables if "shop_id" in table.c}
        assert all(before.values())
    clock.pass_time(days=89)
    keep_house(app)
    with app.database.read() as db:
        assert _count(db, metadata.tables["customers"], shop.id)
    clock.pass_time(days=1)
    keep_house(app)
    with app.database.read() as db:
        left = {table.name: _count(db, table, shop.id) for table in metadata.sorted_tables if "shop_id" in table.c}
        assert set(left.values()) == {0}
        assert len(db.execute(select(metadata.tables["shops"])).all()) == 1
        kept = {name: _count(db, metadata.tables[name], other.id) for name in before if name not in AGED}
    assert kept == {name: count for name, count in before.items() if name not in AGED}


def _count(db: Connection, table: Table, shop_id: int) -> int:
    return len(db.execute(select(table.c.shop_id).where(table.c.shop_id == shop_id)).all())


def _key(table: Table) -> dict[str, Any]:
    return {
        column.name: "x" if isinstance(column.type, String | Text) else 1
        for column in table.primary_key.columns
        if column.name not in {"id", "shop_id"}
    }


@pytest.mark.parametrize("name", AGED)
def test_rows_go_when_their_time_is_over_and_not_before(app: App, shop: Shop, clock: Clock, name: str) -> None:
    """The newest moment of a row counts: every other time in it lies further back."""
    fill(app, shop, 1, mark="mark")
    table = metadata.tables[name]
    with app.database.write() as db:
        for own in ("viewers", "desk_sessions"):
            one = metadata.tables[own]
            times: dict[str, datetime] = {column.name: NOW for column in one.c if isinstance(column.type, UtcDateTime)}
            db.execute(insert(one), a_row(one, shop_id=shop.id, **_key(one), **times))
        db.execute(update(metadata.tables["inbox"]).values(taken_at=NOW))
        assert _count(db, table, shop.id)
    for days, there in ((AGED[name] - 0.1, True), (0.2, False)):
        clock.pass_time(days=days)
        keep_house(app)
        forget_pages(app)
        with app.database.read() as db:
            assert bool(_count(db, table, shop.id)) is there or (name == "work" and _only_new_work(db, shop)), days


def _only_new_work(db: Connection, shop: Shop) -> bool:
    return set(work.counts(db, shop.id)) <= {work.WAITING}


def test_no_binary_of_a_person_is_kept_unsealed() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and not column.name.startswith("sealed_")
    }
    assert binary == {"extra_pictures.webp", "stationery_pictures.png"}
