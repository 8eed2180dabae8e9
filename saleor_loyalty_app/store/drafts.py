"""The draft of a shop's next program: one a shop, as text, which staff work on together before it is published."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from saleor_loyalty_app.store.tables import program_drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The text, the version it was begun from, and how often it was changed since."""

    toml: str
    base_version: int
    revision: int
    changed_at: datetime
    changed_by: str


def draft_of(db: Connection, shop_id: int) -> Draft | None:
    """The shop's draft, or None."""
    query = select(
        program_drafts.c.toml,
        program_drafts.c.base_version,
        program_drafts.c.revision,
        program_drafts.c.changed_at,
        program_drafts.c.changed_by,
    ).where(program_drafts.c.shop_id == shop_id)
    row = db.execute(query).mappings().first()
    return Draft(**row) if row else None


def save_draft(db: Connection, shop_id: int, draft: Draft) -> None:
    """Keep this draft as the shop's only one. Whoever saves has looked at the revision in the same transaction."""
    values = {
        "toml": draft.toml,
        "base_version": draft.base_version,
        "revision": draft.revision,
        "changed_at": draft.changed_at,
        "changed_by": draft.changed_by,
    }
    changed = db.execute(update(program_drafts).where(program_drafts.c.shop_id == shop_id).values(**values))
    if changed.rowcount == 0:
        db.execute(insert(program_drafts).values(shop_id=shop_id, **values))


def drop_draft(db: Connection, shop_id: int) -> None:
    """Forget the draft; where there is none, nothing happens."""
    db.execute(delete(program_drafts).where(program_drafts.c.shop_id == shop_id))
