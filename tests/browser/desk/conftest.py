"""A furnished shop of its own: whoever packs what comes next packs what another test was about."""

from collections.abc import Iterator

import pytest
from browser_house import House, furnished_house

from saleor_loyalty_app.store import batches, desk_sessions


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with furnished_house(tmp_path_factory.mktemp("desk")) as house:
        yield house


@pytest.fixture(autouse=True)
def given_back(house: House) -> Iterator[None]:
    """Batches are given back and tabs ended, whatever a test did."""
    yield
    with house.processes.app.database.write() as db:
        now = house.processes.app.now()
        for batch in batches.open_batches(db, house.shop.id):
            batches.release(db, house.shop.id, batch.id, now=now)
        desk_sessions.end_all(db, house.shop.id, now=now)
