"""Who is alive: a lease that changes. How long one stands still is counted on the watcher's own clock."""

from datetime import timedelta
from pathlib import Path

from factories import NOW

from saleor_loyalty_app.engine import _take_name
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import workers


def test_a_lease_is_alive_while_it_changes_whatever_its_clock_says(app: App) -> None:
    passed = [0.0]
    watch = workers.Watch(lambda: passed[0])
    ages = []
    for minutes, second in [(0, 0), (-60, 10), (24 * 60, 20), (24 * 60, 45)]:
        passed[0] = second
        with app.database.write() as db:
            workers.renew_lease(db, "jumping-0", NOW + timedelta(minutes=minutes))
            workers.renew_lease(db, "silent-0", NOW)
            ages.append(watch.still_seconds(workers.seen(db)))
    assert [age["jumping-0"] for age in ages] == [0, 0, 0, 25]
    assert [age["silent-0"] for age in ages] == [0, 10, 20, 45]


def test_what_is_gone_is_young_when_it_comes_again() -> None:
    passed = [0.0]
    watch = workers.Watch(lambda: passed[0])
    ages = []
    for found in ({"round": None}, {}, {"round": None}):
        passed[0] += 10
        ages.append(watch.still_seconds(found))
    assert ages == [{"round": 0}, {}, {"round": 0}]


def test_no_two_workers_are_called_alike_even_on_machines_of_one_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    taken = [_take_name(folder) for folder in (one, one, two)]
    names = [name for name, _ in taken]
    assert len(set(names)) == 3
    for _, lock in taken:
        lock.close()
    name, lock = _take_name(one)
    assert name == names[0], "a worker that starts again gets its name back"
    lock.close()
