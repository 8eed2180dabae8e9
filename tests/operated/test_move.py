"""From SQLite to PostgreSQL with work waiting and under way: it goes on there, and nothing is lost or double."""

from pathlib import Path

import pytest
from operated_shop import LINES, NOTES, operated_shop
from processes import wait_until

from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.services.app import open_app
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store import inbox, work

pytestmark = [pytest.mark.crash, pytest.mark.postgres]


def test_work_that_waits_and_a_call_that_hangs_go_on_in_the_new_database(tmp_path: Path, empty_postgres: str) -> None:
    with operated_shop(tmp_path) as operated:
        processes, demo = operated.processes, operated.demo
        bought: dict[Order, str] = {operated.buy(NOTES, "done@example.com"): NOTES}
        operated.come_to_rest()
        refused = operated.command("move-to", empty_postgres.replace("+psycopg", ""))
        assert (refused.returncode, "still runs" in refused.stderr) == (1, True)
        for channel, operation in ((NOTES, "TellShop"), (LINES, "OrderLinesCreate")):
            asked = demo.shop.calls[operation]
            demo.shop.fate.fail_next("stall", operation=operation, after_effect=True)
            bought[operated.buy(channel, f"{operation}@example.com".lower())] = channel
            wait_until(lambda operation=operation, asked=asked: demo.shop.calls[operation] > asked)  # type: ignore[misc]
        processes.kill("worker")
        bought |= {operated.buy(channel, f"waits-{channel}@example.com"): channel for channel in (NOTES, LINES)}
        demo.shop.settle(30)
        assert operated.stop_all() == {"web": 0}
        with processes.app.database.read() as db:
            assert inbox.waiting_of_all(db)[0] > 0
            assert work.counts(db, operated.shop.id)[work.RUNNING] == 2
        # A worker that was killed leaves its lease, which says for a minute that it may live.
        with processes.app.database.write() as db:
            db.exec_driver_sql("DELETE FROM workers")
        processes.app.close()
        moved = operated.command("move-to", empty_postgres.replace("+psycopg", ""))
        assert moved.returncode == 0, moved.stderr
        assert "Everything arrived and is the same." in moved.stdout
        again = operated.command("move-to", empty_postgres.replace("+psycopg", ""))
        assert (again.returncode, "not empty" in again.stderr) == (1, True)
        processes.environment["LOYALTY_DATABASE_URL"] = empty_postgres
        fields = {
            name.removeprefix("LOYALTY_").lower(): value
            for name, value in processes.environment.items()
            if name.startswith("LOYALTY_")
        }
        processes.app = open_app(load_settings(_env_file=None, **fields))
        operated.start_all()
        bought[operated.buy(NOTES, "new@example.com")] = NOTES
        wait_until(lambda: all(map(operated.is_told, bought)), seconds=120)
        operated.come_to_rest()
        for order, channel in bought.items():
            operated.assert_once(order, channel)
        processes.app.close()
