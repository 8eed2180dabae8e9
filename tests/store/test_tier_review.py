"""The nightly review misses nobody: whomever the domain would move, the database finds, on both databases."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from postgres_server import postgres_server
from sqlalchemy import delete, insert
from tier_factories import a_member, a_program, a_tier, asks, moment, three_tiers
from tier_strategies import START, any_program, customers, instants, moments

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_rules import decide_tier
from saleor_loyalty_app.domain.tiers import Membership, Standing
from saleor_loyalty_app.store import tier_review
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.orders import purchases_of
from saleor_loyalty_app.store.tables import customers as customer_rows
from saleor_loyalty_app.store.tables import orders, programs, shops
from saleor_loyalty_app.store.tier_review import candidates, candidates_under, kept_by

SHOP, OTHER_SHOP = 1, 2
NOW = moment("2026-03-03")
NOBODY = Membership()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database with two shops; each test clears away what it wrote."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path_factory.mktemp('review') / 'review.sqlite'}")
    else:
        with postgres_server() as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    metadata.create_all(database.engine)
    with database.write() as db:
        db.execute(insert(shops), [a_shop(SHOP), a_shop(OTHER_SHOP)])
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _emptied(database: Database) -> Iterator[None]:
    yield
    empty(database)


def empty(database: Database) -> None:
    with database.write() as db:
        for table in (orders, customer_rows, programs):
            db.execute(delete(table))


def a_shop(id: int) -> dict[str, Any]:
    return {
        "id": id,
        "saleor_api_url": f"https://shop-{id}.example.com/graphql/",
        "state": "active",
        "app_id": "QXBwOjE=",
        "sealed_secret": b"",
        "saleor_version": "3.23.28",
        "permissions": [],
        "jwks": {},
        "mode": "live",
        "program_version": 1,
        "installed_at": moment("2024-01-01"),
    }


def an_order(customer_id: int, number: int, placed_at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "shop_id": SHOP,
        "order_id": f"order-{customer_id}-{number}",
        "number": str(number),
        "customer_id": customer_id,
        "placed_at": placed_at,
        "updated_at": placed_at,
        "status": "UNFULFILLED",
        "channel": "default",
        "currency": "EUR",
        "money_minor": 10_000,
        "card_minor": 0,
        "counts": True,
        "products": [],
        **changes,
    }


def a_row(id: int, membership: Membership = NOBODY, **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "shop_id": SHOP,
        "exclusions": [],
        "preferences": [],
        "created_at": NOW,
        "tier": membership.tier,
        "standing": membership.standing,
        "tier_since": membership.since,
        "grace_until": membership.grace_until,
        "manual_until": membership.manual_until,
        "keep_version": membership.keep_version,
        "entered_with_orders": membership.entered_with_orders,
        "entered_from": membership.entered_from,
        "merged_into": None,
        **changes,
    }


def add(database: Database, *added: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    """Customers with their orders."""
    with database.write() as db:
        db.execute(insert(customer_rows), [row for row, _ in added])
        if bought := [order for _, orders_of in added for order in orders_of]:
            db.execute(insert(orders), bought)


def add_customer(database: Database, id: int, membership: Membership = NOBODY, *bought: Any, **changes: Any) -> None:
    """A customer with orders of (worth in cents, day)."""
    row = a_row(id, membership, **changes)
    placed = [
        an_order(id, number, moment(day), money_minor=worth, shop_id=row["shop_id"])
        for number, (worth, day) in enumerate(bought)
    ]
    add(database, (row, placed))


def found(database: Database, *versions: Program, version: int = 1, now: datetime = NOW) -> list[int]:
    known = dict(enumerate(versions, 1))
    pages = candidates_under(database, SHOP, programs=known, version=version, now=now)
    return [customer_id for page in pages for customer_id in page]


def decided(database: Database, known: dict[int, Program], version: int, now: datetime) -> dict[int, str]:
    """What the domain decides for each customer of the shop, one by one."""
    decisions = {}
    with database.read() as db:
        rules = known[version]
        for id in db.scalars(customer_rows.select().with_only_columns(customer_rows.c.id)).all():
            customer = customer_by_id(db, SHOP, id)
            if customer is None or customer.merged_into:
                continue
            purchases = purchases_of(db, SHOP, [id], factors=rules.factors, gift_cards_count=rules.gift_cards_count)[id]
            decision = decide_tier(
                purchases=purchases, membership=customer.membership, programs=known, version=version, now=now
            )
            if decision:
                decisions[id] = decision.kind.value
    return decisions


placed_orders = st.lists(
    st.tuples(
        instants(START, date(2026, 6, 30)),
        st.fixed_dictionaries(
            {
                "currency": st.sampled_from(["EUR", "EUR", "USD", "JPY", "CHF"]),
                "money_minor": st.sampled_from([0, 1, 4_999, 5_000, 9_999, 10_000, 33_333, 50_000, 10**9]),
                "card_minor": st.sampled_from([0, 0, 1, 5_000]),
                "counts": st.sampled_from([True, True, True, False]),
            }
        ),
    ),
    max_size=8,
)
rates = {"USD": Decimal("0.923456"), "JPY": Decimal("0.0061")}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=any_program("Europe/Berlin"),
    other=any_program("Europe/Berlin"),
    members=st.lists(st.tuples(customers(), placed_orders), min_size=1, max_size=12),
    data=st.data(),
)
def test_nobody_whom_the_rules_would_move_is_missed(
    database: Database, one: Program, other: Program, members: Any, data: st.DataObject
) -> None:
    empty(database)
    now = data.draw(moments)
    cards = data.draw(st.booleans())
    currency = data.draw(st.sampled_from(["EUR", "EUR", "JPY"]))
    own = {"rates": rates, "gift_cards_count": cards}
    if currency == "JPY":
        own = {"currency": "JPY", "rates": {"EUR": Decimal("163.5")}, "gift_cards_count": cards}
    known = {1: one, 2: other.model_copy(update=own), 3: one.model_copy(update={"notes": ()})}
    version = data.draw(st.sampled_from([2, 2, 3]))
    histories = [
        (a_row(id, customer.membership), [an_order(id, n, at, **more) for n, (at, more) in enumerate(bought)])
        for id, (customer, bought) in enumerate(members, 1)
    ]
    add(database, *histories)
    expected = decided(database, known, version, now)
    got = found(database, *known.values(), version=version, now=now)
    for kind in expected.values():
        event(kind)
    assert set(expected) <= set(got)
    assert got == sorted(set(got))
    for id in set(got) - set(expected):
        assert explained(database, known[version], id)


def explained(database: Database, program: Program, id: int) -> bool:
    """Whoever is looked at in vain might have had a tier taken back, or has one without grace since today."""
    with database.read() as db:
        customer = customer_by_id(db, SHOP, id)
        assert customer
        tier = program.tier(customer.membership.tier)
        return customer.membership.entered_with_orders is not None or bool(tier and tier.grace_days == 0)


def gold_since(day: str, **more: Any) -> Membership:
    return a_member("gold", day, **more)


def test_who_is_found_and_who_is_not(database: Database) -> None:
    steady = (50_000, "2026-02-01")
    add_customer(database, 1, NOBODY, (9_999, "2026-02-01"))  # nearly bronze
    add_customer(database, 2, NOBODY, (10_000, "2026-02-01"))  # bronze
    add_customer(database, 3, gold_since("2026-02-01"), steady)
    add_customer(database, 4, gold_since("2025-03-20"), (50_000, "2025-03-20"))  # to be warned
    add_customer(database, 5, gold_since("2025-03-20", standing=Standing.WARNED), (50_000, "2025-03-20"))
    add_customer(database, 6, gold_since("2025-03-03"), (50_000, "2025-03-03"))  # missed today
    add_customer(database, 7, gold_since("2025-01-01", standing=Standing.GRACE, grace_until=date(2026, 3, 3)))
    add_customer(database, 8, gold_since("2025-01-01", standing=Standing.GRACE, grace_until=date(2026, 3, 2)))
    add_customer(database, 9, gold_since("2025-01-01", standing=Standing.GRACE, grace_until=date(2026, 3, 9)), steady)
    add_customer(database, 10, gold_since("2025-01-01", standing=Standing.MANUAL))
    add_customer(database, 11, gold_since("2025-01-01", standing=Standing.MANUAL, manual_until=date(2026, 3, 2)))
    add_customer(database, 12, gold_since("2025-01-01", standing=Standing.MANUAL, manual_until=date(2026, 3, 3)))
    add_customer(database, 13, a_member("platinum"), steady)  # removed
    add_customer(database, 14, gold_since("2026-03-01", entered_with_orders=1))  # the order fell through
    add_customer(database, 15, NOBODY, steady, merged_into=1)
    add_customer(database, 16, NOBODY, steady, shop_id=OTHER_SHOP)
    assert found(database, three_tiers()) == [2, 4, 6, 8, 9, 11, 13, 14]


def test_members_are_measured_by_the_rules_they_keep_by(database: Database) -> None:
    old, new = (a_program(a_tier(enter=asks(spend))) for spend in ("500", "900"))
    add_customer(database, 1, gold_since("2026-02-01"), (50_000, "2026-02-01"))
    add_customer(database, 2, gold_since("2026-02-01", keep_version=None), (50_000, "2026-02-01"))
    add_customer(database, 3, gold_since("2026-02-01"), (90_000, "2026-02-01"))  # earned again
    add_customer(database, 4, gold_since("2026-02-01", keep_version=2), (90_000, "2026-02-01"))
    assert found(database, old, new, version=2) == [2, 3]
    with database.read() as db:
        assert kept_by(db, SHOP) == {1, 2}
        assert kept_by(db, OTHER_SHOP) == set()


def test_slices_and_pages_cover_everybody_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier_review, "SLICE", 10)
    monkeypatch.setattr(tier_review, "PAGE", 3)
    everybody = [*range(5, 50), 1000]
    for id in everybody:
        add_customer(database, id, NOBODY, (50_000, "2026-02-01"))
    pages = list(candidates_under(database, SHOP, programs={1: three_tiers()}, version=1, now=NOW))
    assert [id for page in pages for id in page] == everybody
    assert {len(page) for page in pages} == {1, 3}


def test_a_shop_without_customers_has_nobody_to_review(database: Database) -> None:
    assert found(database, three_tiers()) == []


def test_the_shops_own_versions_are_read(database: Database) -> None:
    toml = """
        name = "Regulars"
        currency = "EUR"
        sender = { name = "Maria" }
        [[tiers]]
        id = "gold"
        name = { en = "Gold" }
        enter = { spend = %s }
    """
    published = {"shop_id": SHOP, "published_at": NOW, "published_by": "starter"}
    with database.write() as db:
        rows = [{**published, "version": version, "toml": toml % spend} for version, spend in ((1, 500), (2, 400))]
        db.execute(insert(programs), rows)
    add_customer(database, 1, gold_since("2026-02-01", keep_version=2), (40_000, "2026-02-01"))
    add_customer(database, 2, gold_since("2026-02-01", keep_version=1), (40_000, "2026-02-01"))
    assert list(candidates(database, SHOP, now=NOW)) == [[2]]
