"""Sets the stage of a scene: the shop furnished, the app installed and live, its processes watched over to the end."""

import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

from chaos import points
from chaos.places import Places, small_disk
from chaos.stage import LINES, NOTES, PIECES, Setting, Stage
from saleor_loyalty_app.demo.mischief import Fate, Trouble
from saleor_loyalty_app.demo.running import DemoShop, running_shop
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.store.shops import LIVE, change_shop

from postgres_server import running_postgres  # isort: skip - `chaos.stage` puts its folder on the path
from processes import running_app, wait_until  # isort: skip

SECRET = b"the same shop in every scene, so"
"""32 bytes: with the same orders, chance falls as in an undisturbed run."""
PROGRAM = """
name = "Chaos"
currency = "EUR"
languages = ["en"]
[sender]
name = "Mira"
[[tiers]]
id = "regular"
name = {{ en = "Regular" }}
enter = {{ orders = 2 }}
[[extras]]
id = "sweet"
name = {{ en = "Sweet" }}
kind = "signature"
cost = "0.20"
stock = {pieces}
variant = "{sweet}"
[[extras]]
id = "tea"
name = {{ en = "Tea sample" }}
kind = "surprise"
cost = "0.50"
stock = {pieces}
variant = "{sample}"
again_after_days = 0
[[extras]]
id = "card"
name = {{ en = "Art card" }}
kind = "surprise"
cost = "0.30"
stock = {pieces}
variant = "{card}"
again_after_days = 0
[[surprises]]
chance = 0.5
pool = ["tea", "card"]
[[notes]]
id = "hello"
language = "en"
text = "{{{{ greeting }}}}"
[[notes]]
id = "warm"
language = "en"
text = "{{{{ greeting }}}} It is good to have you here."
[delivery.lines]
by = "order_line"
confirm_order = true
"""


@contextmanager
def stage(setting: Setting, *, seed: int) -> Iterator[Stage]:
    """A shop that is live, with its program published and the app running."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True)))
        places = stack.enter_context(Places.made(setting.workers, folder)) if setting.places else None
        data = folder / "data"
        data.mkdir()
        folder.chmod(0o755)
        if setting.disk_megabytes:
            stack.enter_context(small_disk(data, setting.disk_megabytes))
        demo = stack.enter_context(
            running_shop(seed=seed, version=setting.version, time_scale=setting.retry_scale, host=_host(places))
        )
        demo.shop.deliveries.sent = deque()  # all of them: the judge looks for each in the inbox
        free = _furnish(demo)
        server = None
        if setting.postgres:
            parent = data if setting.disk_megabytes else None
            listen = places.address if places else ""
            server = stack.enter_context(running_postgres(listen=listen, parent=parent))
        app = stack.enter_context(
            running_app(
                data, demo.api_url, database_url=server.url if server else "", settle=setting.settle_seconds,
                log_level="WARNING", environment=points.environment(folder), log=folder / "log",
            )
        )  # fmt: skip
        installed = demo.shop.apps.install(f"{app.url}/api/manifest")
        found = Stage(demo, app, installed, server, folder, seed, setting, places)
        with app.app.database.write() as db:
            change_shop(db, found.shop.id, sealed_secret=app.app.vault.seal(SECRET))
        _listen_in(found)
        for number in range(setting.workers):
            found.start(f"worker-{number + 1}")
        toml = PROGRAM.format(**free, pieces=PIECES)
        publish_program(app.app, found.shop.id, toml=toml, published_by="chaos", drops_allowed=True)
        switch_mode(app.app, found.shop.id, LIVE)
        wait_until(found.is_quiet)
        watch = threading.Thread(target=found.watch_over_processes, name="watch", daemon=True)
        watch.start()
        try:
            yield found
        finally:
            found.end()
            watch.join()


def _host(places: Places | None) -> str:
    return places.address if places else "127.0.0.1"


def _furnish(demo: DemoShop) -> dict[str, str]:
    """Two channels, a tea, and three free things; return the variants of these by name."""
    catalogue = demo.shop.catalogue
    catalogue.add_channel(NOTES, "EUR", "DE", confirms_orders=True)
    catalogue.add_channel(LINES, "EUR", "DE", confirms_orders=False)
    prices = {NOTES: Decimal("12.90"), LINES: Decimal("12.90")}
    catalogue.add_product("Assam", prices, sku="ASSAM", stock=None)
    return {
        name.lower(): catalogue.add_product(name, prices, sku=name.upper(), gift_only=True, stock=None).id
        for name in ("Sweet", "Sample", "Card")
    }


def _listen_in(stage: Stage) -> None:
    """Write down each request to the shop, and what became of it."""
    fate = stage.demo.shop.fate
    drawn = fate.of_call

    def of_call(operation: str | None) -> Trouble:
        trouble = drawn(operation)
        stage.asked.append((time.monotonic(), operation or "", trouble.kind))
        return trouble

    stage.demo.shop.fate = _Overheard(fate, of_call)


class _Overheard:
    """The shop's fate, with every call of the API overheard."""

    def __init__(self, fate: Fate, of_call: Callable[[str | None], Trouble]) -> None:
        self._fate = fate
        self.of_call = of_call

    def __getattr__(self, name: str) -> object:
        return getattr(self._fate, name)
