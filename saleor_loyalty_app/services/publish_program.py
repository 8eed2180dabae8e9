"""A shop's rules change: a new version is published, the starter is laid down at install, rehearsal goes live."""

from datetime import datetime

from babel.numbers import is_currency
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.program_problems import Problem, ProgramProblem
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.variant_stock import begin_counting
from saleor_loyalty_app.store import programs, stock, tiers, work
from saleor_loyalty_app.store.customers import keep_by_version
from saleor_loyalty_app.store.drafts import draft_of, drop_draft
from saleor_loyalty_app.store.shops import change_shop, lock_shop, shop_by_id


def _(words: str) -> str:
    return words


TIER_LOST = _("'%(id)s' is missing and has members (%(count)s), who would drop; keep it, or allow drops")
STARTER = "starter_program.toml"
STARTER_LANGUAGES = 'languages = ["de", "en"]'
STARTER_CURRENCY = 'currency = "EUR"'


def publish_starter_program(
    db: Connection, shop_id: int, *, currency: str | None, language: str, now: datetime
) -> None:
    """Give a new shop the program that every shop starts with, in its currency and language; it only rehearses."""
    toml = package_text(STARTER)
    if currency and is_currency(currency):
        toml = toml.replace(STARTER_CURRENCY, f'currency = "{currency}"', 1)
    if language == "en":
        toml = toml.replace(STARTER_LANGUAGES, 'languages = ["en", "de"]', 1)
    _publish(db, shop_id, toml, published_by="starter", now=now)


class VersionMoved(Exception):
    """Another version came into force since somebody looked; `current` is its number."""

    def __init__(self, current: int) -> None:
        super().__init__("Another version was published meanwhile.")
        self.current = current


def publish_program(
    app: App, shop_id: int, *, toml: str, published_by: str, drops_allowed: bool = False, base: int | None = None
) -> int:
    """Publish a program as the shop's next version and return its number. Raises ProgramProblem.

    Nobody drops because the rules changed: members keep their tier by the rules they earned it under, unless
    `drops_allowed`. Afterwards all customers are reviewed under the new rules. With `base` it is published only
    over that version, else VersionMoved is raised. The text that is in force already makes no new version. A draft
    that says the same is dropped with it.
    """
    draft = read_program(toml)
    now = app.now()
    with app.database.write() as db:
        lock_shop(db, shop_id)
        in_force = shop_by_id(db, shop_id).program_version
        if base is not None and in_force is not None and in_force != base:
            raise VersionMoved(in_force)
        if not drops_allowed:
            _refuse_lost_tiers(db, shop_id, draft)
        edited = draft_of(db, shop_id)
        if edited and edited.toml == toml:
            drop_draft(db, shop_id)
        if in_force is not None and programs.program_version(db, shop_id, in_force).toml == toml:
            if not drops_allowed:
                return in_force
            version = in_force
        else:
            version = _publish(db, shop_id, toml, published_by=published_by, now=now)
        if drops_allowed:
            keep_by_version(db, shop_id, version, [tier.id for tier in draft.tiers])
        work.want(db, shop_id, "review:", due_at=now, now=now)
    return version


def switch_mode(app: App, shop_id: int, mode: str) -> None:
    """Go from rehearsal to live or back; parcels keep the mode they were planned in. Live, tiers are told, too."""
    with app.database.write() as db:
        change_shop(db, shop_id, mode=mode)
        work.want(db, shop_id, "mirror:", due_at=app.now(), now=app.now())


def _refuse_lost_tiers(db: Connection, shop_id: int, draft: Program) -> None:
    lost = {tier: count for tier, count in tiers.members_by_tier(db, shop_id).items() if tier and not draft.tier(tier)}
    if lost:
        raise ProgramProblem(
            [Problem(("tiers",), TIER_LOST, {"id": tier, "count": count}) for tier, count in lost.items()]
        )


def _publish(db: Connection, shop_id: int, toml: str, *, published_by: str, now: datetime) -> int:
    program: Program = read_program(toml)
    version = programs.add_version(db, shop_id, toml=toml, published_by=published_by, now=now)
    change_shop(db, shop_id, program_version=version)
    begin_counting(db, shop_id, program, now=now)
    for extra in program.extras:
        if extra.stock is not None:
            stock.start_counting(db, shop_id, extra.id, extra.stock, now=now)
    return version
