"""What an operator watches: readiness, numbers of all processes, and log lines that can be put together."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import structlog
from door_client import door_client
from factories import make_settings
from panel_house import House
from processes import wait_until
from sqlalchemy import text
from werkzeug.test import Client
from wire import ShopWire, refusing

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.do_work import claim, do_round
from saleor_loyalty_app.services.explain_order import explain_order
from saleor_loyalty_app.store import work
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import migrate
from saleor_loyalty_app.web import create_app, create_monitor


@pytest.fixture
def client(app: App) -> Client:
    return door_client(app)


# ---- Alive and ready


def test_the_app_is_not_ready_before_its_tables_are(app: App, tmp_path: Path) -> None:
    empty = replace(app, database=Database(f"sqlite:///{tmp_path / 'empty.sqlite'}"))
    client = create_app(empty).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    migrate(empty.database)
    assert client.get("/readyz").status_code == 200
    with empty.database.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/readyz").status_code == 503
    empty.database.close()


def test_the_app_is_not_ready_without_its_database_but_alive(app: App) -> None:
    away = replace(app, database=Database("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"))
    for client in (create_app(away).test_client(), create_monitor(away).test_client()):
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "nobody" not in answer.text
    away.database.close()


def test_a_worker_apart_shows_what_monitors_ask_and_nothing_else(app: App) -> None:
    monitor = create_monitor(replace(app, settings=make_settings(app.settings.data_dir, metrics_token="t")))
    client = monitor.test_client()
    assert client.get("/readyz").status_code == 200
    assert "loyalty_workers" in client.get("/metrics", headers={"Authorization": "Bearer t"}).text
    assert client.get("/metrics").status_code == 401
    assert {rule.rule for rule in monitor.url_map.iter_rules()} == {"/healthz", "/readyz", "/metrics"}


# ---- The lines of a request


@pytest.mark.parametrize("given", ["7f9c0e2d-8a4b-4c6e-9f00-1234567890ab", "a" * 32, "A_b-0001"])
def test_a_sane_reference_of_the_proxy_is_taken_over(client: Client, log_lines: list[str], given: str) -> None:
    answer = client.post("/api/webhooks/saleor", data=b"{}", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    assert [json.loads(line)["request"] for line in log_lines] == [given]


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "Anna Nguyen 1", "a@example.com", "12345678\tx", "ä" * 10])
def test_any_other_one_is_replaced_by_one_of_our_own(client: Client, log_lines: list[str], given: str) -> None:
    seen = set()
    for _ in range(2):
        answer = client.post("/api/webhooks/saleor", data=b"{}", headers={"X-Request-ID": given.encode("latin-1")})
        seen.add(answer.headers["X-Request-ID"])
    assert len(seen) == 2
    assert {json.loads(line)["request"] for line in log_lines} == seen
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in seen)


def test_a_request_says_nothing_of_the_one_before(app: App) -> None:
    structlog.contextvars.bind_contextvars(work="left over")
    create_app(app).test_client().get("/healthz")
    assert "work" not in structlog.contextvars.get_contextvars()
    structlog.contextvars.clear_contextvars()


# ---- The lines of a round


@pytest.fixture
def house(app: App) -> Iterator[House]:
    yield House(app)
    structlog.contextvars.clear_contextvars()


def test_every_line_of_a_round_names_its_order_by_a_reference_that_is_not_the_shops(
    house: House, mocked: object, log_lines: list[str]
) -> None:
    app, shop, wire = house.app, house.shop, ShopWire()
    wire.listen(mocked)  # type: ignore[arg-type]
    orders = [wire.has_order(number) for number in (41, 42)]
    for order_id in orders:
        wire.next_time("TellShop", refusing("note"))
        with app.database.write() as db:
            work.want(db, shop.id, f"order:{order_id}", due_at=app.now(), now=app.now())
    for item in claim(app, limit=10):
        do_round(app, item.shop_id, item.subject, item.round)
    lines = [json.loads(line) for line in log_lines]
    references = {line["work"] for line in lines}
    assert len(lines) >= 2
    assert len(references) == 2
    assert all(re.fullmatch(r"[0-9a-f]{10}", one) for one in references)
    assert not [order_id for order_id in orders if order_id in str(lines)]
    explained = "\n".join(explain_order(app, shop, "41", locale="en"))
    assert [one for one in references if f"work={one}" in explained]


# ---- Numbers of all processes


@pytest.mark.crash
def test_several_web_processes_count_together_and_a_worker_apart_answers(tmp_path: Path) -> None:
    from processes import running_app

    more = {"LOYALTY_WEB_PROCESSES": "3", "LOYALTY_METRICS_TOKEN": "t", "LOYALTY_WORKER_PORT": "18643"}
    with running_app(tmp_path, "http://127.0.0.1:9/graphql/") as processes:
        processes.kill("web")
        processes.environment.update(more)
        processes.start("web", "run", "--web-only")
        wait_until(lambda: _status(f"{processes.url}/readyz") == 200)
        for _ in range(40):
            requests.post(f"{processes.url}/api/webhooks/saleor", data=b"{}", timeout=30)
        shown = {_refused(processes.url) for _ in range(8)}
        assert shown == {40.0}
        processes.start("worker", "worker")
        wait_until(lambda: _status("http://127.0.0.1:18643/readyz") == 200)
        assert _status("http://127.0.0.1:18643/healthz") == 200


def _refused(url: str) -> float:
    shown = requests.get(f"{url}/metrics", headers={"Authorization": "Bearer t"}, timeout=30).text
    return sum(float(value) for value in re.findall(r"^loyalty_deliveries_total\{[^}]*\} (\S+)$", shown, re.MULTILINE))


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=2).status_code
    except requests.RequestException:
        return 0
