"""How many orders a minute a worker carries from the inbox to the note in the shop, and how long one takes."""

import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from processes import Processes, running_app, wait_until

from saleor_loyalty_app.demo.mischief import Mischief
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.services.publish_program import switch_mode
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.shops import LIVE, all_shops

API_SECONDS = 0.05


def main(orders: int = 200) -> None:
    """Place orders at once, then one by one, against a shop that answers in 50 ms; print rates and latencies."""
    calm = Mischief(api_delay_seconds=(API_SECONDS, API_SECONDS))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(mischief=calm, delivery_threads=4) as demo,
        running_app(Path(folder), demo.api_url) as app,
    ):
        prices = {"de": Decimal(20)}
        demo.shop.catalogue.add_channel("de", "EUR", "DE", confirms_orders=True)
        demo.shop.catalogue.add_product("Assam", prices, sku="ASSAM", stock=None)
        demo.shop.apps.install(f"{app.url}/api/manifest")
        app.start("worker", "worker")
        with app.app.database.read() as db:
            (shop,) = all_shops(db)
        switch_mode(app.app, shop.id, LIVE)
        wait_until(lambda: _is_quiet(app, shop.id))
        _one_by_one(demo, 20)
        asked = demo.shop.calls["ReadOrder"] + demo.shop.calls["TellShop"]
        started = time.perf_counter()
        placed = [_place(demo, n) for n in range(orders)]
        wait_until(lambda: all(_told(order) for order in placed), seconds=300)
        seconds = time.perf_counter() - started
        requests = demo.shop.calls["ReadOrder"] + demo.shop.calls["TellShop"] - asked
        print(f"  {orders} orders at once: {orders / seconds:.1f} orders/s, {requests / orders:.2f} requests an order")


def _one_by_one(demo: DemoShop, number: int) -> None:
    latencies = []
    for n in range(number):
        started = time.perf_counter()
        order = _place(demo, 10_000 + n)
        while not _told(order):
            time.sleep(0.005)
        latencies.append(time.perf_counter() - started)
    print("Orders: one worker, SQLite, a shop that answers in 50 ms")
    print(f"  one by one: from placed to note p50 {statistics.median(latencies):.2f} s, most {max(latencies):.2f} s")


def _place(demo: DemoShop, number: int) -> Order:
    (tea,) = demo.shop.catalogue.variants.values()
    channel = demo.shop.catalogue.channels["de"]
    return demo.shop.orders.place([(tea, 1)], channel=channel, email=f"{number}@example.com")


def _told(order: Order) -> bool:
    return any(note.type == "NOTE_ADDED" for note in order.notes)


def _is_quiet(app: Processes, shop_id: int) -> bool:
    with app.app.database.read() as db:
        counts = work.counts(db, shop_id)
    return not counts.get(work.RUNNING) and not counts.get(work.WAITING)


if __name__ == "__main__":
    main()
