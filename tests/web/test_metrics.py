"""What Prometheus reads: with its token only, true numbers, and nobody's name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from door_client import door_client
from factories import make_settings
from flask.testing import FlaskClient
from panel_house import House
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import work, workers
from saleor_loyalty_app.store.tables import inbox
from saleor_loyalty_app.web import create_app

TOKEN = "for the monitor"


@pytest.fixture
def watched(app: App) -> House:
    settings = make_settings(app.settings.data_dir, metrics_token=TOKEN)
    return House(replace(app, settings=settings))


def scraped(client: FlaskClient) -> dict[tuple[str, str], float]:
    """Every value by its name and its labels' values."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, " ".join(one.labels.values())): one.value for family in families for one in family.samples}


def test_what_waits_and_since_when(watched: House) -> None:
    app, shop_id = watched.app, watched.shop.id
    ago = app.now() - timedelta(seconds=90)
    with app.database.write() as db:
        work.want(db, shop_id, "order:late", due_at=ago, now=ago)
        db.execute(
            insert(inbox).values(
                shop_id=shop_id, body_hash="x", subject="order:late", event="OrderCreated", received_at=ago
            )
        )
        workers.renew_lease(db, "here", app.now())
        workers.renew_lease(db, "gone", app.now() - timedelta(hours=1))
    values = scraped(watched.client)
    assert values["loyalty_work", "waiting"] == 1
    assert values["loyalty_work_late_seconds", ""] == 90
    assert values["loyalty_inbox_waiting", ""] == 1
    assert values["loyalty_inbox_late_seconds", ""] == 90
    assert values["loyalty_workers", ""] == 1
    assert values["loyalty_shops", "active"] == 1


def test_deliveries_are_counted_by_what_became_of_them(watched: House) -> None:
    before = scraped(watched.client)
    refused = door_client(watched.app).post("/api/webhooks/saleor", data=b"{}")
    counted = "loyalty_deliveries_total", refused.json["refused"]
    assert scraped(watched.client)[counted] == before.get(counted, 0) + 1


def test_nothing_of_a_shop_or_a_person_stands_there(watched: House) -> None:
    watched.bought()
    text = watched.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "example.com" not in text
    assert "Anna" not in text


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"bearer {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"])
def test_without_the_token_nothing_is_shown(watched: House, shown: str) -> None:
    answer = watched.client.get("/metrics", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert "loyalty_" not in answer.text


def test_without_a_token_in_the_settings_there_is_no_page(app: App) -> None:
    answer = create_app(app).test_client().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404
