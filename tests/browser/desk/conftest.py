"""A furnished shop of its own: whoever packs what comes next packs what another test was about."""

from collections.abc import Iterator

import pytest
from browser_house import House, furnished_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with furnished_house(tmp_path_factory.mktemp("desk")) as house:
        yield house
