"""What became of the services that a parcel promised: kept or broken, said when it was packed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from saleor_loyalty_app.store.packing_tables import promises
from saleor_loyalty_app.store.parcels import Parcel

DONE, BROKEN = "done", "broken"


def write_promises(
    db: Connection, shop_id: int, parcel: Parcel, states: Mapping[int, str], *, by: str, now: datetime
) -> None:
    """Keep what became of the services of a parcel, by their position in its plan; by whom is a Saleor user id."""
    rows = [
        {"shop_id": shop_id, "parcel_id": parcel.id, "customer_id": parcel.customer_id, "position": position,
         "state": state, "at": now, "by": by}
        for position, state in sorted(states.items())
    ]  # fmt: skip
    if rows:
        db.execute(insert(promises), rows)


def promises_of(db: Connection, shop_id: int, parcel_id: int) -> dict[int, str]:
    """What became of a parcel's services, by their position; those that are not here are still promised."""
    query = select(promises.c.position, promises.c.state).where(
        promises.c.shop_id == shop_id, promises.c.parcel_id == parcel_id
    )
    return {position: state for position, state in db.execute(query)}  # noqa: C416


def forget_promises(db: Connection, shop_id: int, parcel_id: int) -> None:
    """A parcel was opened again: its services are promised as before."""
    db.execute(delete(promises).where(promises.c.shop_id == shop_id, promises.c.parcel_id == parcel_id))
