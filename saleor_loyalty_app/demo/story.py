"""What `saleor-loyalty demo` tells: a shop installs the app, its past is read, people order, parcels are planned."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

from saleor_loyalty_app.demo.process import ShopProcess, started_shop
from saleor_loyalty_app.demo.serve import ShopOptions
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.parcel_sentences import reasoning
from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.domain.tier_sentences import progress, why, why_no_parcel
from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.look_ahead import case_of, look_ahead
from saleor_loyalty_app.services.publish_program import switch_mode
from saleor_loyalty_app.settings import Settings, load_settings
from saleor_loyalty_app.store import history, orders, parcels, tiers, work
from saleor_loyalty_app.store.customers import customer_by_id
from saleor_loyalty_app.store.orders import OrderRow
from saleor_loyalty_app.store.shops import LIVE, Shop, all_shops

PATIENCE_SECONDS = 60
LOCALE = "en"


def tell_story(*, orders: int, fast: bool, port: int) -> int:
    """Run shop and app on two ports of this machine and tell what happens; return the exit code.

    Without `fast` there are pauses to read in, webhooks come as late and mixed as recorded from a real
    Saleor, and a small dashboard stays open until Ctrl-C.
    """
    tell = _Teller(fast)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what was started is ended, too
    for needed in (port, port + 1):
        if not _is_free(needed):
            raise click.ClickException(f"Port {needed} is in use; give another with --port.")
    options = ShopOptions(port=port + 1, unhurried=not fast)
    with tempfile.TemporaryDirectory(prefix="best-regards-") as folder, started_shop(options) as saleor:
        settings, environment = _settings(Path(folder), saleor, port)
        with _running(environment, Path(folder) / "app.log"):
            _wait(lambda: _answers(f"{settings.public_url}/readyz"), "the app to start")
            app = open_app(settings)
            try:
                _tell(tell, app, saleor, orders)
                if not fast:
                    _stay_open(saleor)
            except KeyboardInterrupt:
                click.echo()
            finally:
                app.close()
    return 0


class _Teller:
    """Prints the story, with time to read it."""

    def __init__(self, fast: bool) -> None:
        self._pause_seconds = 0.0 if fast else 1.2

    def chapter(self, title: str) -> None:
        click.echo()
        click.secho(title, bold=True)
        time.sleep(self._pause_seconds)

    def line(self, text: str, indent: int = 2) -> None:
        click.echo(" " * indent + text.replace("\n", "\n" + " " * indent))

    def pause(self) -> None:
        time.sleep(self._pause_seconds)


def _tell(tell: _Teller, app: App, saleor: ShopProcess, count: int) -> None:
    tell.chapter("A shop installs Best Regards")
    state = saleor.state()
    tell.line(f"The shop at {saleor.api_url} has {state['customers']} customers and {state['orders']} orders.")
    saleor.install(f"{app.settings.public_url}/api/manifest")
    with app.database.read() as db:
        (shop,) = all_shops(db)
    tell.line(f"Installed by its manifest URL: Saleor {shop.saleor_version}, token checked and kept encrypted.")
    _tell_history(tell, app, shop)
    tell.chapter("It rehearses until you go live. Going live now.")
    switch_mode(app, shop.id, LIVE)
    _wait(lambda: _is_quiet(app, shop), "the tiers to be shown in the shop")
    tell.chapter(f"{count} people order")
    for _ in range(count):
        (placed,) = saleor.place_orders(1)
        _tell_order(tell, app, shop, placed)
        tell.pause()
    tell.chapter("The last of them is cancelled before it is packed")
    _tell_cancelling(tell, app, saleor, shop, placed)
    tell.chapter("What stands now")
    _tell_sums(tell, app, saleor, shop)


def _tell_history(tell: _Teller, app: App, shop: Shop) -> None:
    tell.chapter("Two years of orders and customers are read")

    def is_read() -> bool:
        with app.database.read() as db:
            readings = history.history_of(db, shop.id).values()
        read = sum(reading.read for reading in readings)
        total = sum(max(reading.total or 0, reading.read) for reading in readings)
        done = all(reading.state == history.DONE for reading in readings)
        filled = 30 if done else 29 * read // max(total, 1)
        click.echo(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {read} of {total}", nl=False)
        return done

    _wait(is_read, "the history to be read")
    click.echo()
    _wait(lambda: _is_quiet(app, shop), "the tiers to be decided")
    with app.database.read() as db:
        program = current_program(db, shop)
        counts = tiers.members_by_tier(db, shop.id)
    names = {tier.id: program.words(tier.name, LOCALE) for tier in program.tiers}
    tell.line("Nobody got a surprise for an old order. The tiers, each decision with its reasons:")
    for tier_id, name in names.items():
        tell.line(f"{counts.get(tier_id, 0):4} {name}")
    tell.line(f"{counts.get(None, 0):4} without a tier")


def _tell_order(tell: _Teller, app: App, shop: Shop, placed: dict[str, str]) -> None:
    _wait(lambda: _is_settled(app, shop, placed["id"]), f"order {placed['number']} to be looked at")
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, placed["id"])
        assert row is not None  # noqa: S101 - it was waited for
        customer = customer_by_id(db, shop.id, row.customer_id)
        parcel = parcels.parcel_of_order(db, shop.id, row.id)
        program = current_program(db, shop)
        decided = [d.decision for d in tiers.decisions_of(db, shop.id, row.customer_id, limit=1)]
        ahead = look_ahead(case_of(app, db, shop, customer)) if customer else None
    who = "a guest" if customer is None or customer.user_id is None else "a customer"
    click.echo()
    click.secho(f"  #{row.number}  {customer.name if customer else ''}, {who}", fg="cyan")
    for decision in decided:
        tell.line(why(decision, program, LOCALE), 4)
    for sentence in progress(ahead, program, LOCALE) if ahead else ():
        tell.line(sentence, 4)
    if parcel is None:
        tell.line(why_no_parcel(NoParcel(row.no_parcel), LOCALE) if row.no_parcel else "No parcel.", 4)
        return
    for sentence in reasoning(parcel.plan, program, LOCALE):
        tell.line(sentence, 4)
    for message in _notes_in_shop(app, shop, row):
        tell.line("On the order in the shop now:", 4)
        tell.line(message, 8)


def _tell_cancelling(tell: _Teller, app: App, saleor: ShopProcess, shop: Shop, placed: dict[str, str]) -> None:
    with app.database.read() as db:
        row = orders.order_by_saleor_id(db, shop.id, placed["id"])
    if row is None:
        return
    told = len(_notes_in_shop(app, shop, row))
    saleor.cancel(placed["id"])
    _wait(lambda: len(_notes_in_shop(app, shop, row)) > told or told == 0, "the parcel to be taken back")
    tell.line("The parcel is taken back, the extras and the budget come back, and the order says so:")
    for message in _notes_in_shop(app, shop, row)[told:]:
        tell.line(message, 8)


def _notes_in_shop(app: App, shop: Shop, row: OrderRow) -> list[str]:
    events = app.client(shop).ask("ReadOrderNotes", id=row.order_id)["order"]["events"]
    return [event["message"] for event in events if event["type"] == "NOTE_ADDED"]


def _tell_sums(tell: _Teller, app: App, saleor: ShopProcess, shop: Shop) -> None:
    state = saleor.state()
    with app.database.read() as db:
        planned = parcels.latest_parcels(db, shop.id, limit=1000)
        failed = work.failed(db, shop.id)
    for item in failed:
        tell.line(f"{item.subject}: {said(item.last_error, 'en')}")
    told = sum(1 for parcel in planned if parcel.told_at)
    tell.line(f"{len(planned)} parcels planned, {told} told to the shop, {len(failed)} in need of a person.")
    tell.line(f"{state['sent']} webhooks were acknowledged, {state['failed']} were not.")
    asked, noted = state["calls"].get("ReadOrder", 0), state["calls"].get("TellShop", 0)
    tell.line(f"For the new orders the shop was asked {asked} times and told {noted} times.")


def _stay_open(saleor: ShopProcess) -> None:
    click.echo()
    click.secho(f"The shop's dashboard is open at {saleor.dashboard_url}/ – look at an order, or place one.", bold=True)
    click.echo("Ctrl-C ends everything; nothing is left behind.")
    while True:
        time.sleep(3600)


def _settings(folder: Path, saleor: ShopProcess, port: int) -> tuple[Settings, dict[str, str]]:
    given = {
        "public_url": f"http://127.0.0.1:{port}",
        "allowed_saleor_urls": saleor.api_url,
        "dashboard_origins": f"{saleor.dashboard_url},{saleor.url}",
        "data_dir": str(folder),
        "port": str(port),
        "history_requests_per_minute": "6000",
        "log_level": "WARNING",
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    environment = own | {f"LOYALTY_{name.upper()}": value for name, value in given.items()}
    return load_settings(_env_file=None, **given), environment


@contextmanager
def _running(environment: dict[str, str], log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "saleor_loyalty_app", "run"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _is_settled(app: App, shop: Shop, order_id: str) -> bool:
    with app.database.read() as db:
        item = work.find(db, shop.id, f"order:{order_id}")
        known = orders.order_by_saleor_id(db, shop.id, order_id)
    return known is not None and item is not None and item.state in {work.DONE, work.FAILED}


def _is_quiet(app: App, shop: Shop) -> bool:
    with app.database.read() as db:
        counts = work.counts(db, shop.id)
    return not counts.get(work.RUNNING) and not counts.get(work.WAITING)


def _wait(holds: Callable[[], bool], what_for: str) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > ends_at:
            raise click.ClickException(f"Waited {PATIENCE_SECONDS} seconds for {what_for}, in vain.")
        time.sleep(0.1)
