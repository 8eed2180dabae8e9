"""A database of the first release is brought up to date with what is in it, on both databases."""

from factories import NOW, program_toml
from sqlalchemy import Connection, select, text

from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.store.tables import customers


def shop(db: Connection, id: int, **program: object) -> None:
    db.execute(
        text(
            "INSERT INTO shops (id, saleor_api_url, state, app_id, sealed_secret, saleor_version, permissions, jwks,"
            " mode, installed_at, program_version) VALUES (:id, :url, 'active', '', :none, '3.23', '[]', '{}', 'live',"
            " :now, 2)"
        ),
        {"id": id, "url": f"https://{id}.example.com", "none": b"", "now": str(NOW)},
    )
    for version, toml in ((1, program_toml(currency="JPY")), (2, program_toml(**program))):
        db.execute(
            text("INSERT INTO programs VALUES (:shop, :version, :toml, :now, 'test')"),
            {"shop": id, "version": version, "toml": toml, "now": str(NOW)},
        )


def customer(
    db: Connection, shop_id: int, id: int, *, first: str = "", last: str = "", merged_into: int | None = None
) -> None:
    db.execute(
        text(
            "INSERT INTO customers (id, shop_id, first_name, last_name, exclusions, preferences, merged_into,"
            " created_at) VALUES (:id, :shop, :first, :last, '[]', '[]', :merged, :now)"
        ),
        {"id": id, "shop": shop_id, "first": first, "last": last, "merged": merged_into, "now": str(NOW)},
    )


def order(db: Connection, shop_id: int, owner: int, *, day: int, worth: tuple[str, int], **more: int | bool) -> None:
    db.execute(
        text(
            "INSERT INTO orders (shop_id, order_id, number, customer_id, placed_at, updated_at, status, channel,"
            " currency, money_minor, card_minor, counts, products) VALUES (:shop, :order, '1', :owner, :at, :at, 'x',"
            " 'x', :currency, :money, :card, :counts, '[]')"
        ),
        {"shop": shop_id, "order": f"{owner}-{day}", "owner": owner, "at": f"2026-05-{day:02} 10:00:00.000000",
         "currency": worth[0], "money": worth[1], "card": 0, "counts": True, **more},
    )  # fmt: skip


def test_names_and_sums_are_filled_for_everybody_who_is_known_already(old_database: Database) -> None:
    with old_database.write() as db:
        shop(db, 1, rates={"EUR": "1.10"})
        shop(db, 2, gift_cards_count=False)
        customer(db, 1, 11, first="Łucja", last="Weiß-Łęcka")
        customer(db, 1, 12, last="田中")
        customer(db, 1, 13, merged_into=11)
        customer(db, 2, 21, first="Ana")
        order(db, 1, 11, day=3, worth=("USD", 1000), card=200)
        order(db, 1, 11, day=4, worth=("EUR", 105))
        order(db, 1, 11, day=5, worth=("PLN", 9999))
        order(db, 1, 11, day=6, worth=("USD", 5000), counts=False)
        order(db, 2, 21, day=7, worth=("USD", 1000), card=200)
    migrate(old_database)
    with old_database.read() as db:
        kept = {row.id: row for row in db.execute(select(customers))}
    assert {id: (row.first_key, row.last_key) for id, row in kept.items()} == {
        11: ("lucja", "weiss lecka"), 12: ("", "田中"), 13: ("", ""), 21: ("ana", "")
    }  # fmt: skip
    assert {id: (row.orders_counted, row.value_minor) for id, row in kept.items()} == {
        11: (3, 1200 + 116), 12: (0, 0), 13: (0, 0), 21: (1, 1000)
    }  # fmt: skip
    assert [f"{row.last_order_at:%m-%d %H:%M}" if row.last_order_at else None for _, row in sorted(kept.items())] == [
        "05-05 10:00", None, None, "05-07 10:00"
    ]  # fmt: skip


def test_many_names_are_filled_page_by_page(old_database: Database) -> None:
    with old_database.write() as db:
        shop(db, 1)
        for id in range(1, 1203):
            customer(db, 1, id, first=f"Ä{id}", last="x")
    migrate(old_database)
    with old_database.read() as db:
        keys = {row.id: row.first_key for row in db.execute(select(customers))}
    assert keys == {id: f"a{id}" for id in range(1, 1203)}
