"""Tiers that changed without an order are told to the shop: a hundred customers in one request."""

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.saleor.client import Pace
from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.saleor.refusals import asked, refusal
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store import customers, programs
from saleor_loyalty_app.store.customers import Customer
from saleor_loyalty_app.store.shops import LIVE, Shop

PAGE = 100

Mirror = dict[str, str]
"""Private metadata for staff: never read back, never visible to customers."""

NOTHING_SHOWN: Mirror = {"best-regards.tier": "", "best-regards.since": ""}
"""The mirror of somebody without a tier."""


def mirror_tiers(app: App, shop: Shop) -> int:
    """Bring the private metadata of every customer whose tier is not yet shown right up to date; return how many.

    Saleor merges the keys and skips customers who are gone. In rehearsal nothing is told. Raises TryAgain,
    Denied or HumanMustAct; what was told until then is remembered.
    """
    if shop.mode != LIVE:
        return 0
    with app.database.read() as db:
        program = programs.program_version(db, shop.id, shop.program_version or 1).program
    pace = Pace(app.settings.history_requests_per_minute)
    told, after = 0, 0
    while True:
        with app.database.read() as db:
            page = customers.members_after(db, shop.id, after, limit=PAGE)
        if not page:
            return told
        after = page[-1].id
        wrong = [customer for customer in page if not is_mirrored(customer, program)]
        if wrong:
            pace.wait()
            _tell(app, shop, wrong, program)
            told += len(wrong)


def customer_mirror(customer: Customer, program: Program) -> Mirror:
    """What staff see of a customer's tier in the shop itself; empty values when there is none."""
    tier, since = program.tier(customer.membership.tier), customer.membership.since
    if tier is None:
        return NOTHING_SHOWN
    return {
        "best-regards.tier": program.words(tier.name, program.languages[0]),
        "best-regards.since": since.astimezone(program.zone).date().isoformat() if since else "",
    }


def is_mirrored(customer: Customer, program: Program) -> bool:
    """Whether the shop shows the tier right already; of somebody who never had one it shows nothing."""
    return customer.mirrored == mirrored_text(customer_mirror(customer, program))


def mirrored_text(mirror: Mirror) -> str:
    """The mirror in one piece, as it is remembered; empty when there is nothing to show."""
    return " ".join(mirror.values()).strip()


def metadata_input(mirror: Mirror | None) -> list[dict[str, str]]:
    """A mirror as Saleor takes it."""
    return [{"key": key, "value": value} for key, value in (mirror or {}).items()]


def _tell(app: App, shop: Shop, page: list[Customer], program: Program) -> None:
    mirrors = {customer.id: customer_mirror(customer, program) for customer in page}
    changes = [
        {"id": customer.user_id, "input": {"privateMetadata": metadata_input(mirrors[customer.id])}}
        for customer in page
    ]
    answer = app.client(shop).ask("MirrorTiers", customers=changes)["customerBulkUpdate"]
    if answer["errors"]:
        raise HumanMustAct(refusal(asked("MirrorTiers"), answer["errors"][0]["message"]))
    with app.database.write() as db:
        for customer_id, mirror in mirrors.items():
            customers.set_mirrored(db, shop.id, customer_id, mirrored_text(mirror))
