"""What was done in the shop is written once per effect; what needs a person is one open task per subject."""

from datetime import timedelta

import pytest
from factories import NOW, OTHER_SHOP_URL, add_installed_shop
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import effects, tasks
from saleor_loyalty_app.store.shops import Shop
from saleor_loyalty_app.store.tables import effects as effect_rows

LATER = NOW + timedelta(minutes=5)
NOTE = ("order:1", "note:planned")


@pytest.fixture
def shop(app: App) -> Shop:
    return add_installed_shop(app)


def test_an_effect_is_begun_then_ended(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        assert effects.find_effect(db, shop.id, *NOTE) is None
        assert not effects.ended(db, shop.id, *NOTE)
        effects.begin_effect(db, shop.id, *NOTE, now=NOW, detail={"total": "5"})
        begun = effects.find_effect(db, shop.id, *NOTE)
        assert begun
        assert (begun.state, begun.started_at, begun.detail) == ("started", NOW, {"total": "5"})
        assert not effects.ended(db, shop.id, *NOTE)
        effects.end_effect(db, shop.id, *NOTE, state=effects.DONE, now=LATER, detail={"line": "x"})
        assert effects.ended(db, shop.id, *NOTE)


def test_a_second_try_keeps_the_one_row_and_its_detail(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        effects.begin_effect(db, shop.id, *NOTE, now=NOW, detail={"total": "5"})
        effects.begin_effect(db, shop.id, *NOTE, now=LATER, detail={"total": "6"})
        (only,) = effects.effects_of(db, shop.id, "order:1")
        assert (only.started_at, only.detail) == (LATER, {"total": "5"})


@pytest.mark.parametrize("state", [effects.DONE, effects.REFUSED])
def test_done_and_refused_are_both_an_end(app: App, shop: Shop, state: str) -> None:
    with app.database.write() as db:
        effects.begin_effect(db, shop.id, *NOTE, now=NOW)
        effects.end_effect(db, shop.id, *NOTE, state=state, now=LATER, detail={})
        assert effects.ended(db, shop.id, *NOTE)


def test_a_detail_noted_in_between_does_not_end_an_effect(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        effects.begin_effect(db, shop.id, *NOTE, now=NOW)
        effects.note_detail(db, shop.id, *NOTE, {"moved": {"line": "x"}})
        assert not effects.ended(db, shop.id, *NOTE)


def test_the_database_itself_allows_one_row_per_effect(app: App, shop: Shop) -> None:
    row = {"shop_id": shop.id, "subject": "order:1", "effect": "x", "state": "started", "started_at": NOW, "detail": {}}
    with app.database.write() as db:
        db.execute(insert(effect_rows), row)
    with pytest.raises(IntegrityError), app.database.write() as db:
        db.execute(insert(effect_rows), row)


def test_effects_of_another_shop_and_subject_are_others(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with app.database.write() as db:
        effects.begin_effect(db, shop.id, *NOTE, now=NOW)
        assert effects.find_effect(db, other.id, *NOTE) is None
        assert effects.find_effect(db, shop.id, "order:2", "note:planned") is None
        effects.end_effect(db, other.id, *NOTE, state=effects.DONE, now=LATER, detail={})
        assert not effects.ended(db, shop.id, *NOTE)


def test_a_task_is_opened_once_with_its_newest_detail(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        tasks.open_task(db, shop.id, "total_changed", "order:1", detail={"after": "1"}, now=NOW)
        tasks.open_task(db, shop.id, "total_changed", "order:1", detail={"after": "2"}, now=LATER)
        (task,) = tasks.open_tasks(db, shop.id)
        assert (task.detail, task.opened_at) == ({"after": "2"}, LATER)


def test_a_closed_task_can_open_again(app: App, shop: Shop) -> None:
    with app.database.write() as db:
        tasks.open_task(db, shop.id, "x", "order:1", detail={}, now=NOW)
        assert tasks.is_open(db, shop.id, "x", "order:1")
        tasks.close_task(db, shop.id, "x", "order:1", now=NOW)
        assert (tasks.open_tasks(db, shop.id), tasks.is_open(db, shop.id, "x", "order:1")) == ([], False)
        tasks.open_task(db, shop.id, "x", "order:1", detail={}, now=LATER)
        assert len(tasks.open_tasks(db, shop.id)) == 1


def test_tasks_of_another_shop_are_others(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    with app.database.write() as db:
        tasks.open_task(db, shop.id, "x", "order:1", detail={}, now=NOW)
        tasks.close_task(db, other.id, "x", "order:1", now=NOW)
        assert (len(tasks.open_tasks(db, shop.id)), tasks.open_tasks(db, other.id)) == (1, [])
