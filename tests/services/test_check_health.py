"""What doctor and the health page say: findings about the app and its shops, each with what to do."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from factories import NOW, Clock, a_buyer, add_installed_shop, an_order, fresh, global_id, program_toml
from wire import ShopWire, down, registered_webhook

from saleor_loyalty_app import cli
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.saleor.client import NOT_REACHED
from saleor_loyalty_app.saleor.events import EVENTS
from saleor_loyalty_app.saleor.manifest import webhook
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.check_health import ABOUT, WITHOUT, check_health
from saleor_loyalty_app.services.do_work import REACTIONS
from saleor_loyalty_app.services.look_at_shop import look_at_shop, look_for_staff
from saleor_loyalty_app.services.publish_program import STARTER
from saleor_loyalty_app.services.tend_shop import repair_connection, tend_shop
from saleor_loyalty_app.store import inbox, orders, tasks, work, workers
from saleor_loyalty_app.store.customers import remember_buyer
from saleor_loyalty_app.store.shops import Shop, change_shop

URL = "https://loyalty.example.com"


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    return add_installed_shop(app, toml=program_toml(sender={"name": "Jo"}))


@pytest.fixture
def well(app: App, shop: Shop, wire: ShopWire) -> ShopWire:
    """Everything stands as it should: a worker, the webhooks, the permissions."""
    wire.webhooks = [registered_webhook(f"hook-{number}", webhook(event, URL)) for number, event in enumerate(EVENTS)]
    with app.database.write() as db:
        workers.renew_lease(db, "one", app.now())
    return wire


def said(app: App, locale: str = "en", *, problems: bool = False) -> list[str]:
    return [one.saying.said(locale, UTC) for _, one in check_health(app) if one.is_problem or not problems]


def failing(app: App, shop: Shop, subject: str, *, again_in: timedelta | None = None, error: str = "Broken.") -> None:
    with app.database.write() as db:
        work.want(db, shop.id, subject, due_at=app.now(), now=app.now())
        (claimed,) = work.claim_due(db, app.now(), limit=1)
        work.end_round(db, shop.id, subject, claimed.round, now=app.now(), error=error, again_in=again_in)


def look(app: App, shop: Shop, subject: str) -> work.Work:
    with app.database.read() as db:
        found = work.find(db, shop.id, subject)
    assert found
    return found


def has_order(app: App, shop: Shop) -> str:
    """Order 7, known to us; return its subject."""
    with app.database.write() as db:
        customer = remember_buyer(db, shop.id, a_buyer(), key=None, now=app.now())
        orders.write_facts(db, shop.id, customer.id, an_order(7))
    return f"order:{global_id('Order', 7)}"


# ---- All is well


def test_a_shop_that_is_well_has_no_problem(app: App, shop: Shop, well: ShopWire) -> None:
    assert said(app, problems=True) == []
    assert "The shop answers. It runs Saleor 3.23.28." in said(app)
    assert "1 worker is at work." in said(app)


def test_each_finding_is_said_in_german_too(app: App, shop: Shop, well: ShopWire) -> None:
    both = zip(said(app), said(app, "de"), strict=True)
    assert all(english != german for english, german in both)


# ---- What a person should do


def test_no_worker_is_a_problem(app: App, shop: Shop, well: ShopWire, clock: Clock) -> None:
    clock.pass_time(minutes=5)
    (problem,) = said(app, problems=True)
    assert problem.startswith("No worker is running")


@pytest.mark.parametrize("state", ["inactive", "silent", "dormant"])
def test_a_shop_that_is_away_is_a_problem(app: App, shop: Shop, well: ShopWire, state: str) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, state=state)
    (problem,) = said(app, problems=True)
    assert problem.startswith("The ")


def test_a_shop_that_does_not_answer_is_a_problem(app: App, shop: Shop, well: ShopWire) -> None:
    well.next_time("AppAlive", down)
    (problem,) = said(app, problems=True)
    assert problem.startswith("The shop can't be asked. The shop answered with an error of its own (HTTP 502).")


def test_a_shop_that_no_longer_knows_the_app_is_a_problem(app: App, shop: Shop, well: ShopWire) -> None:
    well.alive = False
    (problem,) = said(app, problems=True)
    assert "The shop does not know the app's token" in problem


@pytest.mark.parametrize("code", ["MANAGE_ORDERS", "MANAGE_USERS"])
def test_a_missing_permission_is_said_with_what_it_costs(app: App, shop: Shop, well: ShopWire, code: str) -> None:
    well.permissions = tuple(set(well.permissions) - {code})
    (problem,) = said(app, problems=True)
    assert str(WITHOUT[code]) in problem
    assert "Give it back in the dashboard under Extensions." in problem


def test_a_missing_permission_that_is_optional_is_said_but_no_problem(app: App, shop: Shop, well: ShopWire) -> None:
    well.permissions = ("MANAGE_ORDERS", "MANAGE_USERS")
    assert said(app, problems=True) == []
    assert sum(str(WITHOUT[code]) in " ".join(said(app)) for code in ("MANAGE_DISCOUNTS", "MANAGE_PRODUCTS")) == 2


def test_webhooks_that_are_missing_or_changed_are_problems(app: App, shop: Shop, well: ShopWire) -> None:
    well.webhooks = [{**well.webhooks[0], "isActive": False}, *well.webhooks[2:], {**well.webhooks[2], "name": "Old"}]
    problems = said(app, problems=True)
    assert any("OrderCreated is not as it should be" in words for words in problems)
    assert any("OrderUpdated is missing" in words for words in problems)
    assert len(problems) == 2
    assert any("Old is no longer used" in words for words in said(app))


def test_deliveries_that_failed_are_counted(app: App, shop: Shop, well: ShopWire) -> None:
    node = {"id": "x", "createdAt": NOW.isoformat(), "eventType": "ORDER_CREATED", "attempts": {"edges": []}}
    well.failed_deliveries = [node, node]
    assert any(words.startswith("The shop could not deliver 2 events lately.") for words in said(app))


def test_deliveries_that_can_not_be_read_are_said_to_be_so(app: App, shop: Shop, well: ShopWire) -> None:
    well.next_time("AppDeliveries", down)
    assert any(words.startswith("Whether deliveries failed can't be read.") for words in said(app))
    assert any("The shop answers" in words for words in said(app))


def test_failed_work_is_named_by_the_orders_number(app: App, shop: Shop, well: ShopWire) -> None:
    failing(app, shop, has_order(app, shop), error=NOT_REACHED.kept())
    (problem,) = said(app, problems=True)
    assert problem == f"Order 7 needs a person. {NOT_REACHED}"
    assert said(app, "de", problems=True) == [f"Bestellung 7: Darum muss sich jemand kümmern. {NOT_REACHED.said('de')}"]


def test_work_about_what_is_not_known_shows_no_id(app: App, shop: Shop, well: ShopWire) -> None:
    failing(app, shop, f"order:{global_id('Order', 99)}", error="100 % broken")
    assert said(app, problems=True) == ["An order needs a person. 100 % broken"]


def test_work_that_is_tried_again_says_when(app: App, shop: Shop, well: ShopWire) -> None:
    failing(app, shop, "history:", again_in=timedelta(minutes=30))
    assert said(app, problems=True) == []
    assert "The reading of the history did not work yet; the next try is on 15 June 2026, 12:30. Broken." in said(app)


def test_much_failed_work_is_counted_not_listed(app: App, shop: Shop, well: ShopWire) -> None:
    for number in range(15):
        failing(app, shop, f"order:{number}")
    problems = said(app, problems=True)
    assert len(problems) == 11
    assert problems[-1] == "5 more need a person."


def test_an_open_task_is_a_problem(app: App, shop: Shop, well: ShopWire) -> None:
    detail = {"before": "50.0", "after": "40.25", "currency": "USD", "number": "1"}
    with app.database.write() as db:
        tasks.open_task(db, shop.id, "total_changed", "order:1", detail=detail, now=app.now())
        tasks.open_task(db, shop.id, "other", "order:1", detail={}, now=app.now())
    problems = said(app, problems=True)
    assert any("from 50.0 to 40.25 USD" in words for words in problems)
    assert any("on the page “Today”" in words for words in problems)


def test_notes_signed_as_in_the_starter_program_are_a_problem(app: App, wire: ShopWire) -> None:
    add_installed_shop(app, toml=package_text(STARTER), mode="live")
    assert any(words.startswith("Notes are signed “") for words in said(app, problems=True))


# ---- The shop is asked again


def test_looking_changes_nothing_in_the_shop(app: App, shop: Shop, well: ShopWire) -> None:
    well.webhooks = []
    assert len(look_at_shop(app, shop).wrong_webhooks) == len(EVENTS)
    assert well.webhooks == []


def test_a_permission_that_is_back_wakes_what_waited_for_it(app: App, shop: Shop, well: ShopWire) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, permissions=["MANAGE_USERS"])
    failing(app, shop, "order:1")
    failing(app, shop, "order:2", again_in=timedelta(hours=1))
    tend_shop(app, fresh(app, shop))
    for subject in ("order:1", "order:2"):
        assert (look(app, shop, subject).state, look(app, shop, subject).due_at) == ("waiting", app.now())


def test_a_look_that_changes_nothing_wakes_nothing(app: App, shop: Shop, well: ShopWire) -> None:
    failing(app, shop, "order:1")
    failing(app, shop, "order:2", again_in=timedelta(hours=1))
    tend_shop(app, shop)
    look_for_staff(app, shop)
    assert look(app, shop, "order:1").state == "failed"
    assert look(app, shop, "order:2").due_at == app.now() + timedelta(hours=1)


def test_staff_who_see_that_a_permission_is_back_let_work_go_on(app: App, shop: Shop, well: ShopWire) -> None:
    with app.database.write() as db:
        change_shop(db, shop.id, permissions=["MANAGE_USERS"])
    look_for_staff(app, fresh(app, shop))
    assert look(app, shop, "shop:").due_at == app.now()


def test_a_repair_lets_what_waits_go_on_and_leaves_what_failed(app: App, shop: Shop, well: ShopWire) -> None:
    well.webhooks = well.webhooks[2:]
    failing(app, shop, "order:1")
    failing(app, shop, "order:2", again_in=timedelta(hours=1))
    assert repair_connection(app, shop) == 2
    assert repair_connection(app, shop) == 0
    assert look(app, shop, "order:1").state == "failed"
    assert look(app, shop, "order:2").due_at == app.now()
    assert look_at_shop(app, shop).wrong_webhooks == ()
    # What happened while a webhook or a permission was away was never told.
    assert look(app, shop, "sweep:").due_at == app.now()


# ---- The command


def doctor(app: App, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(cli, "open_here", lambda: app)
    return CliRunner().invoke(cli.commands, ["doctor"])


def test_doctor_says_it_in_english_with_the_shops_address(
    app: App, shop: Shop, well: ShopWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = doctor(app, monkeypatch)
    assert result.exit_code == 0
    assert f"ok {shop.saleor_api_url}: The shop answers. It runs Saleor 3.23.28." in result.output
    assert "ok 1 worker is at work." in result.output


def test_doctor_ends_with_one_when_a_person_is_needed(
    app: App, shop: Shop, well: ShopWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(app, shop, has_order(app, shop), error=NOT_REACHED.kept())
    result = doctor(app, monkeypatch)
    assert result.exit_code == 1
    assert f"!! {shop.saleor_api_url}: Order 7 needs a person. The shop could not be reached." in result.output
    assert global_id("Order", 7) not in result.output


def test_without_a_shop_it_says_so(app: App) -> None:
    assert "No shop has installed the app yet." in said(app)


def test_events_of_a_shop_are_heard_of(app: App, shop: Shop, well: ShopWire) -> None:
    assert "No event has come from the shop yet." in said(app)
    with app.database.write() as db:
        inbox.keep_all(db, [inbox.Arrival(shop.id, "h", "OrderUpdated", ("order:1",), app.now())])
    assert "The shop was last heard of on 15 June 2026, 12:00." in said(app)


def test_every_kind_of_work_has_a_name() -> None:
    assert set(ABOUT) == set(REACTIONS)
