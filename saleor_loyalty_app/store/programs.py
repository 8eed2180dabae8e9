"""Programs: the versions of a shop's rules. A version once published is never changed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, insert, select

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.store.rows import rows_where
from saleor_loyalty_app.store.tables import programs


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
    return _published(rows_where(db, shop_id, programs, version=version).one())


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


def _published(row: object) -> PublishedProgram:
    values = dict(row)  # type: ignore[call-overload]
    values.pop("shop_id")
    return PublishedProgram(**values)


@lru_cache(maxsize=256)
def _read(toml: str) -> Program:
    return read_program(toml)
