"""Programs: the versions of a shop's rules. A version once published is never changed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, select

from saleor_loyalty_app.domain.program import Delivery, Program, read_program
from saleor_loyalty_app.store.database import found_by
from saleor_loyalty_app.store.parcel_tables import parcels
from saleor_loyalty_app.store.rows import rows_where
from saleor_loyalty_app.store.tables import orders, programs, shops


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProgram:
    """One version with who published it and when."""

    version: int
    toml: str
    published_at: datetime
    published_by: str

    @property
    def program(self) -> Program:
        """The checked rules."""
        return _read(self.toml)


def program_version(db: Connection, shop_id: int, version: int) -> PublishedProgram:
    """One version. Raises sqlalchemy.exc.NoResultFound."""
    found, key = found_by(db), ("program", shop_id, version)
    program: PublishedProgram | None = found.get(key)
    if program is None:
        program = found[key] = _published(rows_where(db, shop_id, programs, version=version).one())
    return program


_IN_FORCE = (
    select(programs)
    .join(shops, shops.c.id == programs.c.shop_id)
    .where(shops.c.id == bindparam("the_shop"), programs.c.version == func.coalesce(shops.c.program_version, 1))
)


def program_in_force(db: Connection, shop_id: int) -> PublishedProgram | None:
    """The version that is in force now; None when the shop has none yet."""
    row = db.execute(_IN_FORCE, {"the_shop": shop_id}).mappings().first()
    if row is None:
        return None
    program = _published(row)
    found_by(db)["program", shop_id, program.version] = program
    return program


_OF_ORDER = (
    select(orders.c.channel, programs.c.toml)
    .join(parcels, and_(parcels.c.shop_id == orders.c.shop_id, parcels.c.order_row == orders.c.id))
    .join(programs, and_(programs.c.shop_id == orders.c.shop_id, programs.c.version == parcels.c.program_version))
    .where(orders.c.shop_id == bindparam("the_shop"), orders.c.order_id == bindparam("order"))
)


def delivery_of_order(db: Connection, shop_id: int, order_id: str) -> Delivery | None:
    """How what an order's parcel holds is delivered, by the rules it was planned by; None without a parcel."""
    found = db.execute(_OF_ORDER, {"the_shop": shop_id, "order": order_id}).first()
    return _read(found.toml).delivery_for(found.channel) if found else None


def all_versions(db: Connection, shop_id: int) -> list[PublishedProgram]:
    """All versions, newest first."""
    query = select(programs).where(programs.c.shop_id == shop_id).order_by(programs.c.version.desc())
    return [_published(row) for row in db.execute(query).mappings()]


def add_version(db: Connection, shop_id: int, *, toml: str, published_by: str, now: datetime) -> int:
    """Write the next version and return its number."""
    versions = all_versions(db, shop_id)
    version = versions[0].version + 1 if versions else 1
    db.execute(
        insert(programs).values(
            shop_id=shop_id, version=version, toml=toml, published_at=now, published_by=published_by
        )
    )
    return version


def _published(row: RowMapping) -> PublishedProgram:
    return PublishedProgram(**{name: row[name] for name in PublishedProgram.__dataclass_fields__})


@lru_cache(maxsize=256)
def _read(toml: str) -> Program:
    return read_program(toml)
