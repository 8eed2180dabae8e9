"""The README's promises, told as one story with real processes, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from postgres_server import postgres_server
from processes import Processes, running_app, wait_until

from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import running_shop
from saleor_loyalty_app.domain.tier_sentences import why
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.explain_order import explain_order
from saleor_loyalty_app.services.publish_program import switch_mode
from saleor_loyalty_app.store import history, orders, parcels, stock, tiers, work
from saleor_loyalty_app.store.customers import customer_by_id, customer_by_user
from saleor_loyalty_app.store.shops import ACTIVE, DORMANT, INACTIVE, LIVE, Shop, all_shops

LATE_TWICE_AND_MIXED = Mischief(seed=3, delivery_delay_seconds=(0.0, 0.4), duplicate_rate=0.5, shuffle=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with postgres_server() as url:
        yield url


def test_the_whole_story(database_url: str, tmp_path: Path) -> None:  # noqa: PLR0915 - a story is told in one piece
    with (
        running_shop(mischief=LATE_TWICE_AND_MIXED) as demo,
        running_app(tmp_path, demo.api_url, database_url=database_url) as app,
    ):
        saleor = demo.shop
        channel = saleor.catalogue.add_channel("de", "EUR", "DE", confirms_orders=True)
        tea = saleor.catalogue.add_product("Assam", {"de": Decimal("60.00")}, sku="ASSAM")
        anna = saleor.customers.create("anna@example.com", "Anna", "Schmidt", language="DE")
        past = [saleor.orders.place([(tea, 1)], channel=channel, customer=anna) for _ in range(3)]
        bought_by_guest = saleor.orders.place([(tea, 1)], channel=channel, email="gast@example.com")

        # A merchant installs the app. The past is read, and nobody gets a surprise for an old order.
        installed = saleor.apps.install(f"{app.url}/api/manifest")
        app.start("worker", "worker")
        wait_until(lambda: _history_is_read(app))
        shop = _shop(app)
        assert shop.mode == "rehearsal"
        with app.app.database.read() as db:
            assert parcels.latest_parcels(db, shop.id) == []
            customer = customer_by_user(db, shop.id, anna.id)
            assert customer
            (entered,) = tiers.decisions_of(db, shop.id, customer.id)
            program = current_program(db, shop)
        assert why(entered.decision, program, "de").startswith("Bronze seit")
        assert why(entered.decision, program, "en").startswith("Bronze since")

        # In rehearsal everything is planned and shown, and the shop is told nothing.
        rehearsed = saleor.orders.place([(tea, 1)], channel=channel, customer=anna)
        _wait_for_parcel(app, rehearsed)
        saleor.settle()  # else its late events meet the shop when it is live
        wait_until(lambda: _is_quiet(app))
        assert _notes(rehearsed) == []
        assert saleor.calls["TellShop"] == 0

        # Live, an order gets one packing note, once, however often and in whatever order its events come.
        switch_mode(app.app, shop.id, LIVE)
        wait_until(lambda: _is_quiet(app))  # the tiers are told by now
        stock_before = _stock(app)
        order = saleor.orders.place([(tea, 2)], channel=channel, customer=anna)
        saleor.settle()
        _wait_for_parcel(app, order)
        wait_until(lambda: _is_quiet(app))
        (note,) = _notes(order)
        assert "Best Regards" in note
        assert "Anna" in note
        assert order.metadata == {}
        assert order.private_metadata["best-regards.parcel"] in note
        assert saleor.calls["TellShop"] == 1
        assert anna.private_metadata["best-regards.tier"]
        assert anna.metadata == {}
        assert _stock(app)["caramel"] == stock_before["caramel"] - 1
        explained = "\n".join(explain_order(app.app, shop, order.number, locale="en"))
        assert "OrderFullyPaid" in explained
        assert "note:planned: done" in explained

        # An order that falls through is taken back: parcel, stock, and a note that says so.
        saleor.desk.cancel(order)
        wait_until(lambda: len(_notes(order)) == 2)
        wait_until(lambda: _is_quiet(app))
        assert "Zurücklegen" in _notes(order)[1] or "zurücklegen" in _notes(order)[1]
        assert _stock(app) == stock_before

        # A guest is greeted, too; an unpaid order waits until it is paid.
        unpaid = saleor.orders.place([(tea, 1)], channel=channel, email="gast@example.com", payment="none")
        saleor.settle()
        wait_until(lambda: _is_quiet(app))
        assert _notes(unpaid) == []
        saleor.payments.pay(unpaid)
        wait_until(lambda: len(_notes(unpaid)) == 1)
        assert _owner(app, unpaid) == _owner(app, bought_by_guest)

        # While the app is deactivated events are lost; afterwards it catches up.
        saleor.apps.deactivate(installed)
        wait_until(lambda: _shop(app).state == INACTIVE)
        missed = saleor.orders.place([(tea, 1)], channel=channel, customer=anna)
        saleor.apps.activate(installed)
        wait_until(lambda: len(_notes(missed)) == 1)
        assert _shop(app).state == ACTIVE

        # A deleted account takes what is personal with it; the sums stay.
        saleor.customers.delete(anna)
        wait_until(lambda: _is_erased(app, past[0]))

        # The app is removed: the token is wiped; installed again, it goes on with its data and tells nothing twice.
        saleor.apps.uninstall(installed)
        wait_until(lambda: _shop(app).state == DORMANT)
        assert _shop(app).sealed_token is None
        saleor.apps.install(f"{app.url}/api/manifest")
        wait_until(lambda: _shop(app).state == ACTIVE)
        wait_until(lambda: _is_quiet(app))
        assert len(_notes(missed)) == 1


def _shop(app: Processes) -> Shop:
    with app.app.database.read() as db:
        (shop,) = all_shops(db)
    return shop


def _history_is_read(app: Processes) -> bool:
    with app.app.database.read() as db:
        readings = history.history_of(db, _shop(app).id)
    return bool(readings) and all(read.state == history.DONE for read in readings.values()) and _is_quiet(app)


def _is_quiet(app: Processes) -> bool:
    with app.app.database.read() as db:
        counts = work.counts(db, _shop(app).id)
    return not counts.get(work.RUNNING) and not counts.get(work.WAITING)


def _notes(order: Order) -> list[str]:
    return [note.message or "" for note in order.notes if note.type == "NOTE_ADDED"]


def _wait_for_parcel(app: Processes, order: Order) -> None:
    def planned() -> bool:
        with app.app.database.read() as db:
            row = orders.order_by_saleor_id(db, _shop(app).id, order.id)
            return row is not None and parcels.parcel_of_order(db, _shop(app).id, row.id) is not None

    wait_until(planned)


def _stock(app: Processes) -> dict[str, int]:
    with app.app.database.read() as db:
        return stock.stock_of(db, _shop(app).id)


def _owner(app: Processes, order: Order) -> int | None:
    with app.app.database.read() as db:
        row = orders.order_by_saleor_id(db, _shop(app).id, order.id)
    return row.customer_id if row else None


def _is_erased(app: Processes, order: Order) -> bool:
    with app.app.database.read() as db:
        row = orders.order_by_saleor_id(db, _shop(app).id, order.id)
        customer = customer_by_id(db, _shop(app).id, row.customer_id) if row else None
    return customer is not None and customer.erased_at is not None and customer.name == ""
