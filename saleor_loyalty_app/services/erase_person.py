"""Staff erase a customer: what is personal goes here at once, and what the shop shows of the tier goes soon after."""

import structlog

from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.saleor.refusals import asked, refusal
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.mirror_tiers import NOTHING_SHOWN, metadata_input
from saleor_loyalty_app.store import customers, effects, erase, work
from saleor_loyalty_app.store.personal_data import merged_guests, person_subject
from saleor_loyalty_app.store.shops import Shop

log = structlog.get_logger()

ERASED = "erased"
"""The effect that records an erasure: when, and by whom; nothing of whom."""


def erase_person(app: App, shop: Shop, customer_id: int, *, by: str) -> bool:
    """Erase a customer and the guest entries merged into this one; return whether there was anything left to erase.

    `by` is a Saleor user id. Raises LookupError for a customer that is not this shop's.
    """
    now = app.now()
    with app.database.write() as db:
        person = customers.customer_by_id(db, shop.id, customer_id)
        if person is None or person.merged_into:
            raise LookupError("no such customer")
        for guest_id in merged_guests(db, shop.id, customer_id):
            erase.erase_customer(db, shop.id, guest_id, now=now)
        if not erase.erase_customer(db, shop.id, customer_id, now=now):
            return False
        subject = person_subject(customer_id)
        effects.begin_effect(db, shop.id, subject, ERASED, now=now)
        effects.end_effect(db, shop.id, subject, ERASED, state=effects.DONE, now=now, detail={"by": by})
        if person.user_id and person.mirrored:
            work.want(db, shop.id, f"unmirror:{person.user_id}", due_at=now, now=now)
    log.info("customer_erased", shop=shop.id, customer=customer_id)
    return True


def erased_by(app: App, shop: Shop, customer_id: int) -> str | None:
    """The Saleor user id of the staff member who erased this customer; None when nobody of the staff did."""
    with app.database.read() as db:
        known = effects.find_effect(db, shop.id, person_subject(customer_id), ERASED)
    return str(known.detail["by"]) if known else None


def take_tier_from_shop(app: App, shop: Shop, user_id: str) -> None:
    """Empty what the shop shows of the tier of an account whose data were erased here; safe to repeat.

    An account that is gone meanwhile is skipped by Saleor. Raises TryAgain, Denied or HumanMustAct.
    """
    with app.database.read() as db:
        known_again = customers.customer_by_user(db, shop.id, user_id)
    if known_again and known_again.mirrored:
        return  # somebody who came back, and of whom the shop shows the new tier already
    changes = [{"id": user_id, "input": {"privateMetadata": metadata_input(NOTHING_SHOWN)}}]
    answer = app.client(shop).ask("MirrorTiers", customers=changes)["customerBulkUpdate"]
    if answer["errors"]:
        raise HumanMustAct(refusal(asked("MirrorTiers"), answer["errors"][0]["message"]))
