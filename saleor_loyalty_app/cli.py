"""The command `saleor-loyalty`: run it, look after it, and write the program, for a merchant's engineer."""

import sys
import time
from pathlib import Path

import click
from cryptography.fernet import Fernet

from saleor_loyalty_app import __version__
from saleor_loyalty_app.cli_program import SHOP, chosen_shop, open_here, program
from saleor_loyalty_app.domain.saying import said
from saleor_loyalty_app.running import Runs
from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.services.back_up import CannotBackUp, back_up
from saleor_loyalty_app.services.back_up import restore as restore_backup
from saleor_loyalty_app.services.check_health import Finding, check_health
from saleor_loyalty_app.services.explain_order import explain_order
from saleor_loyalty_app.services.move_database import CannotMove, move_database
from saleor_loyalty_app.services.rotate_secrets import rotate_secrets
from saleor_loyalty_app.settings import Settings, SettingsProblem, database_address, load_settings
from saleor_loyalty_app.store import history, work
from saleor_loyalty_app.store.migrate import NewerDatabase
from saleor_loyalty_app.store.secrets import UnreadableSecret
from saleor_loyalty_app.store.shops import Shop


def main() -> None:
    """Run the command and say each problem in one readable piece."""
    try:
        commands(prog_name="saleor-loyalty")
    except (SettingsProblem, NewerDatabase) as problem:
        raise SystemExit(str(problem)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Best Regards")
def commands() -> None:
    """Best Regards, a loyalty app for Saleor shops.

    Settings come from the environment or a file named .env; the README lists them all.
    """


@commands.command()
@click.option("--web-only", is_flag=True, help="Only answer requests; workers run elsewhere, on the same PostgreSQL.")
def run(web_only: bool) -> None:
    """Start the app: web and worker together, or the web alone.

    Stops on Ctrl-C or SIGTERM within ten seconds. What was under way goes on at the next start.
    """
    from saleor_loyalty_app.serve import run_all, run_web  # noqa: PLC0415

    settings = load_settings()
    if web_only:
        run_web(settings)
        return
    _say_where(settings)
    sys.exit(run_all(settings))


@commands.command()
def worker() -> None:
    """Start one worker: it carries out what came in. Any number may share one PostgreSQL."""
    from saleor_loyalty_app.serve import work as work_until_stopped  # noqa: PLC0415

    work_until_stopped(load_settings())


@commands.command()
@click.option("--orders", default=12, show_default=True, help="How many new orders to place.")
@click.option("--fast", is_flag=True, help="Do not wait to be read, and end when the story is told.")
@click.option("--port", default=8090, show_default=True, help="First of the two ports that are used.")
def demo(orders: int, fast: bool, port: int) -> None:
    """Show the main job with a small shop of our own: install, history, new orders, surprises.

    Nothing leaves this machine. Afterwards a small dashboard stays open until Ctrl-C.
    """
    from saleor_loyalty_app.demo.story import tell_story  # noqa: PLC0415

    sys.exit(tell_story(orders=orders, fast=fast, port=port))


@commands.group(invoke_without_command=True)
@click.pass_context
@SHOP
def doctor(context: click.Context, url: str | None) -> None:
    """Say in words how the app and its shops are, and what to do about what is wrong.

    Ends with 1 when something needs a person.
    """
    if context.invoked_subcommand:
        return
    app = open_here()
    findings = check_health(app, only_url=url)
    for where, finding in findings:
        click.echo(_marked(where, finding))
    sys.exit(1 if any(finding.is_problem for _, finding in findings) else 0)


@doctor.command()
@click.argument("order")
@click.option("--language", default="en", show_default=True, help="en or de")
@SHOP
def explain(order: str, language: str, url: str | None) -> None:
    """Print the whole reasoning about ORDER, by its number or its parcel's code."""
    app = open_here()
    shop = chosen_shop(app, url)
    lines = explain_order(app, shop, order, locale=language)
    if not lines:
        raise click.ClickException(f"The app knows no order {order!r} of this shop.")
    click.echo("\n".join(lines))


@doctor.command(name="try-again")
@SHOP
def try_again(url: str | None) -> None:
    """Try again what has failed and waits for a person."""
    app = open_here()
    shop = chosen_shop(app, url)
    with app.database.write() as db:
        failed = work.failed(db, shop.id, limit=10_000)
        for item in failed:
            work.want(db, shop.id, item.subject, due_at=app.now(), now=app.now(), at_once=True)
    click.echo(f"{len(failed)} will be tried again.")


commands.add_command(program)


@commands.command()
@SHOP
@click.option("--wait/--no-wait", default=True, help="Show how far it is until it is done.")
def backfill(url: str | None, wait: bool) -> None:
    """Read a shop's history again (a worker does it); an interrupted reading goes on where it was."""
    app = open_here()
    shop = chosen_shop(app, url)
    now = app.now()
    with app.database.write() as db:
        for kind in history.KINDS:
            history.start_reading(db, shop.id, kind, read_from=app.settings.history_from(now), now=now)
        work.want(db, shop.id, "history:", due_at=now, now=now)
    while wait and not _show_progress(app, shop):
        time.sleep(0.5)


@commands.command()
def migrate() -> None:
    """Bring the database's tables up to date; every start does it too."""
    from saleor_loyalty_app.serve import migrate_first  # noqa: PLC0415

    migrate_first(load_settings())
    click.echo("The tables are up to date.")


@commands.command(name="move-to")
@click.argument("url")
def move_to(url: str) -> None:
    """Copy everything into the empty database at URL, for example postgresql://user:password@host/name.

    Stop the app before. Every row is compared afterwards; then set LOYALTY_DATABASE_URL to the new one and start.
    """
    app = open_here()
    try:
        copied = move_database(app, database_address(url))
    except (CannotMove, Runs, ValueError) as problem:
        raise click.ClickException(str(problem)) from None
    for table, rows in copied.items():
        click.echo(f"{rows:>12,}  {table}")
    click.echo("Everything arrived and is the same. Set LOYALTY_DATABASE_URL to the new database and start the app.")
    if not app.settings.secret_key:
        click.echo(f"Set LOYALTY_SECRET_KEY to what stands in {app.settings.data_dir / 'secret.key'}, too.")


@commands.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write a backup of the embedded database into FOLDER; the app may go on meanwhile.

    The secret key is not in it: keep a copy of the key in another place than the backups.
    """
    settings = load_settings()
    app = open_app(settings)
    try:
        file = back_up(app, folder)
    except CannotBackUp as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"The backup is {file}.")
    if not settings.secret_key:
        click.echo(f"It is of use only with the key in {settings.data_dir / 'secret.key'}; keep that in another place.")


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the embedded database. Stop the app before.

    The database of before is kept beside it. When the app starts again, it reads from the shops what came since the
    backup, and looks at each order before it tells the shop anything.
    """
    try:
        aside = restore_backup(open_app(load_settings()), file)
    except (CannotBackUp, Runs, UnreadableSecret) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo("The backup is in place. Start the app; it catches up by itself.")
    if aside:
        click.echo(f"The database of before is {aside}; it holds data of customers, so delete it when all is well.")
    click.echo("What was done by hand since the backup is gone; docs/operations.md says what to look at.")


@commands.command(name="new-key")
def new_key() -> None:
    """Print a new key for LOYALTY_SECRET_KEY."""
    click.echo(Fernet.generate_key().decode())


@commands.group()
def secrets() -> None:
    """What is encrypted at rest."""


@secrets.command()
def rotate() -> None:
    """Encrypt everything that is kept secret with the first key of LOYALTY_SECRET_KEY.

    Put the new key before the old one, start all processes with both, run this, then take the old one away.
    """
    try:
        sealed = rotate_secrets(open_here())
    except UnreadableSecret as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{sealed} secrets are sealed with the newest key. The older keys are no longer needed.")


def _show_progress(app: App, shop: Shop) -> bool:
    """Draw one bar over orders and customers; return whether both are read."""
    with app.database.read() as db:
        readings = history.history_of(db, shop.id)
        item = work.find(db, shop.id, "history:")
    read = sum(reading.read for reading in readings.values())
    total = sum(max(reading.total or 0, reading.read) for reading in readings.values()) or 1
    done = all(reading.state == history.DONE for reading in readings.values())
    filled = 30 if done else min(29, 30 * read // total)
    click.echo(f"\r[{'#' * filled}{'.' * (30 - filled)}] {read} of {total} orders and customers", nl=False)
    if item and item.state == work.FAILED:
        raise click.ClickException(f"\nThe reading stopped: {said(item.last_error, 'en')}")
    if done:
        click.echo()
    return done


def _say_where(settings: Settings) -> None:
    click.echo(f"Best Regards {__version__} listens on http://{settings.host}:{settings.port}")
    click.echo(f"Install it in the dashboard with the manifest URL {settings.public_url}/api/manifest")
    if not settings.allowed_saleor_urls:
        click.echo("No shop may install it yet: set LOYALTY_ALLOWED_SALEOR_URLS to your shop's API address.")


def _marked(where: str, finding: Finding) -> str:
    mark = click.style("!! " if finding.is_problem else "ok ", fg="red" if finding.is_problem else "green")
    return f"{mark}{where}: {finding.saying}" if where else f"{mark}{finding.saying}"
