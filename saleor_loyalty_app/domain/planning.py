"""One order's parcel, put together: its moment, its extras, its note and the services of the customer's tier."""

from datetime import date

from saleor_loyalty_app.domain.extras import choose_extras
from saleor_loyalty_app.domain.moments import find_moment
from saleor_loyalty_app.domain.notes import choose_note
from saleor_loyalty_app.domain.orders import Order
from saleor_loyalty_app.domain.parcels import Means, ParcelPlan, Story
from saleor_loyalty_app.domain.program import Program


def plan_parcel(
    *,
    program: Program,
    version: int,
    story: Story,
    order: Order,
    means: Means,
    secret: bytes,
    today: date,
) -> ParcelPlan:
    """Decide what one order gets. The same arguments always give the same plan.

    `story` and `means` are as they stand without this order's own parcel, `story.tier` is the tier that this
    order leads to, `secret` the shop's own 32 random bytes, `today` the day in the program's zone. Services
    are given in the program's first language, which is the packers'.
    """
    moment, moment_detail = find_moment(story, program, order.placed_at)
    extras = choose_extras(
        program=program,
        version=version,
        story=story,
        order=order,
        moment=moment,
        means=means,
        secret=secret,
        today=today,
    )
    note = choose_note(
        program=program,
        version=version,
        story=story,
        order=order,
        moment=moment,
        moment_detail=moment_detail,
        extras=extras,
        secret=secret,
    )
    tier = program.tier(story.tier)
    return ParcelPlan(
        moment=moment,
        moment_detail=moment_detail,
        extras=extras,
        note=note,
        services=tuple(program.words(service, program.languages[0]) for service in tier.services) if tier else (),
        decided_on=today,
    )
