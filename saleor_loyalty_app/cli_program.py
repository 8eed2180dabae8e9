"""The commands `saleor-loyalty program …`: check, publish and export a shop's program, go live or back to rehearsal."""

from pathlib import Path

import click

from saleor_loyalty_app.domain.money import money_text
from saleor_loyalty_app.domain.program import read_program
from saleor_loyalty_app.domain.program_problems import ProgramProblem
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.app import App, open_app
from saleor_loyalty_app.services.edit_program import problems_of
from saleor_loyalty_app.services.preview_orders import preview_orders
from saleor_loyalty_app.services.preview_program import Way, preview_program
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store import programs
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL, Shop, all_shops, shop_by_url

WAYS: dict[Way, str] = {
    "up": "would go up",
    "down": "would go down",
    "at_risk": "would keep their tier for a time of grace, and lose it if nothing more is bought",
}
SHOP = click.option("--shop", "url", metavar="URL", help="The shop's API address; not needed when there is only one.")


@click.group()
def program() -> None:
    """Check, publish and export a shop's program; go live or back to rehearsal."""


@program.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@SHOP
def check_program(file: Path, url: str | None) -> None:
    """Check FILE, and with a shop installed say who would move, up and down, before it is imported."""
    toml = _read_program_file(file)
    draft = read_program(toml)
    app = open_here()
    for doubt in problems_of(toml, today=local_day(app.now(), draft.zone)):
        click.echo(f"Perhaps not meant: {doubt.sentence('en')}")
    with app.database.read() as db:
        if not url and not all_shops(db):
            click.echo(f"{file} is a good program. No shop has installed the app yet, so nobody would move.")
            return
    shop = chosen_shop(app, url)
    preview = preview_program(app, shop, draft, shown=20)
    click.echo(f"{file} is a good program." + (" Nobody would move." if preview.nobody else ""))
    for way, words in WAYS.items():
        if preview.counts[way]:
            click.echo(f"{preview.counts[way]} {words}:")
        for move in preview.moves[way]:
            click.echo(f"  {move.name or 'a guest'}: {move.from_tier or 'no tier'} -> {move.to_tier or 'no tier'}")
    given = preview_orders(app, shop, draft)
    if given.lines:
        costs = (given.cost_before_minor, given.cost_after_minor)
        before, after = (money_text(cost, given.currency, "en") for cost in costs)
        click.echo(
            f"Of the last {len(given.lines)} orders {given.changed} would have got something else; "
            f"extras cost {before}, and would have cost {after}."
        )


@program.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--allow-drops", is_flag=True, help="Let the new rules decide at once who keeps a tier.")
@SHOP
def import_program(file: Path, allow_drops: bool, url: str | None) -> None:
    """Publish FILE as the next version. Nobody drops by it unless you say so."""
    toml = _read_program_file(file)
    app = open_here()
    shop = chosen_shop(app, url)
    try:
        before = shop.program_version
        version = publish_program(app, shop.id, toml=toml, published_by="command line", drops_allowed=allow_drops)
    except ProgramProblem as refused:
        raise click.ClickException(f"{refused} (--allow-drops)") from None
    if version == before:
        click.echo(f"Version {version}, which is in force, says just this already.")
    else:
        click.echo(f"Version {version} is published. The customers are reviewed by it now.")


@program.command(name="export")
@click.option("--version", type=int, help="Which version; without it the current one.")
@SHOP
def export_program(version: int | None, url: str | None) -> None:
    """Print a version of the program as TOML."""
    app = open_here()
    shop = chosen_shop(app, url)
    with app.database.read() as db:
        found = {known.version: known for known in programs.all_versions(db, shop.id)}
    wanted = version or shop.program_version or 0
    if wanted not in found:
        raise click.ClickException(f"There is no version {wanted}; there are 1 to {max(found, default=0)}.")
    click.echo(found[wanted].toml, nl=False)


@program.command()
@SHOP
def live(url: str | None) -> None:
    """Go live: from now on new orders' parcels are told to the shop."""
    app = open_here()
    switch_mode(app, chosen_shop(app, url).id, LIVE)
    click.echo("Live. Parcels of new orders are told to the shop from now on.")


@program.command()
@SHOP
def rehearse(url: str | None) -> None:
    """Go back to rehearsal: everything is planned and shown, nothing is told to the shop."""
    app = open_here()
    switch_mode(app, chosen_shop(app, url).id, REHEARSAL)
    click.echo("Rehearsal. Nothing is told to the shop from now on.")


def open_here() -> App:
    """The app with this machine's settings, and tables that are up to date."""
    from saleor_loyalty_app.serve import migrate_first  # noqa: PLC0415

    settings = load_settings()
    migrate_first(settings)
    return open_app(settings)


def chosen_shop(app: App, url: str | None) -> Shop:
    """The shop with this address, or the only one. Raises ClickException."""
    with app.database.read() as db:
        if url:
            found = shop_by_url(db, url)
            if found is None:
                raise click.ClickException(f"The shop {url} has not installed the app.")
            return found
        shops = all_shops(db)
    if len(shops) == 1:
        return shops[0]
    if not shops:
        raise click.ClickException("No shop has installed the app yet.")
    addresses = "\n".join(f"  {shop.saleor_api_url}" for shop in shops)
    raise click.ClickException(f"Which shop? Name one with --shop:\n{addresses}")


def _read_program_file(file: Path) -> str:
    try:
        toml = file.read_text(encoding="utf-8")
        read_program(toml)
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not a text file in UTF-8; save it again with this encoding.") from None
    except ProgramProblem as invalid:
        problems = "\n".join(f"  {problem.sentence('en')}" for problem in invalid.problems)
        raise click.ClickException(f"{file} can't be used:\n{problems}") from None
    return toml
