"""A shop's program is edited as a draft: part by part, keeping the merchant's comments and layout, or as a whole."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program, program_data
from saleor_loyalty_app.domain.program_places import Path
from saleor_loyalty_app.domain.program_problems import Problem, ProgramProblem
from saleor_loyalty_app.domain.program_reading import problems_in
from saleor_loyalty_app.domain.program_text import NoSuchPart, add_to, move_within, remove_from, set_fields
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.drafts import Draft, draft_of, drop_draft, save_draft
from saleor_loyalty_app.store.programs import program_version
from saleor_loyalty_app.store.shops import Shop, lock_shop, shop_by_id

__all__ = [
    "DraftMoved", "NoSuchPart", "add_part", "change_part", "discard_draft", "draft_data", "move_part", "open_draft",
    "problems_of", "remove_part", "replace_draft",
]  # fmt: skip


class DraftMoved(Exception):
    """Somebody else changed the draft since the form was shown; `current` is the draft as it stands now."""

    def __init__(self, current: Draft) -> None:
        super().__init__("The draft was changed meanwhile.")
        self.current = current


def open_draft(app: App, shop: Shop, *, by: str) -> Draft:
    """The shop's draft; made from the version in force, and kept, if there is none."""
    with app.database.write() as db:
        return _open(app, db, shop, by=by)


def change_part(app: App, shop: Shop, path: Path, values: Mapping[str, Any], *, revision: int, by: str) -> Draft:
    """Set fields of a part and return the draft after it; None removes a field, the same values change nothing.

    Paths: () for the shop's own lines, ("sender",), ("budget",), ("moments",), ("packing",), ("extras", "tea"),
    ("delivery", "default-channel"), ("tiers", "gold"), ("notes", 3), ("surprises", 0). Values are plain Python values,
    lists and dicts of them, each whole: a dict takes the place of the one before. A default that is not written down
    stays so, and an amount stays as it was written. A new id takes its references along.
    Raises DraftMoved, NoSuchPart, and ProgramProblem while the text is no TOML.
    """
    return _edit(app, shop, lambda toml: set_fields(toml, path, values), revision=revision, by=by)


def add_part(app: App, shop: Shop, kind: str, values: Mapping[str, Any], *, revision: int, by: str) -> Draft:
    """Add one of "tiers", "extras", "surprises", "notes" after its like. Raises as `change_part`."""
    return _edit(app, shop, lambda toml: add_to(toml, kind, values), revision=revision, by=by)


def remove_part(app: App, shop: Shop, path: Path, *, revision: int, by: str) -> Draft:
    """Remove a part; what refers to it is left to be shown as a problem. Raises as `change_part`."""
    return _edit(app, shop, lambda toml: remove_from(toml, path), revision=revision, by=by)


def move_part(app: App, shop: Shop, path: Path, *, by_places: int, revision: int, by: str) -> Draft:
    """Move a tier, extra, surprise or note up (-1) or down (1) among its like. Raises as `change_part`."""
    return _edit(app, shop, lambda toml: move_within(toml, path, by_places), revision=revision, by=by)


def replace_draft(app: App, shop: Shop, toml: str, *, by: str) -> Draft:
    """Take a whole text as the draft, whatever is wrong with it."""
    with app.database.write() as db:
        current = _open(app, db, shop, by=by)
        return _keep(app, db, shop, current, toml.replace("\r\n", "\n"), by=by)


def discard_draft(app: App, shop: Shop) -> None:
    """Forget the draft."""
    with app.database.write() as db:
        drop_draft(db, shop.id)


def draft_data(toml: str) -> dict[str, Any]:
    """A draft's text as plain data. Raises tomllib.TOMLDecodeError, possible only after `replace_draft`."""
    try:
        return tomllib.loads(toml)
    except (ValueError, RecursionError) as broken:
        raise tomllib.TOMLDecodeError(str(broken)) from broken


def problems_of(
    toml: str,
    *,
    known_channels: Collection[str] | None = None,
    known_variants: Collection[str] | None = None,
    known_warehouses: Collection[str] | None = None,
    today: date | None = None,
) -> list[Problem]:
    """Everything that is wrong with a text, errors first, then warnings; empty when it can be published as it is.

    What is not known (None) is not looked at: `known_channels` are slugs, `known_variants` and `known_warehouses`
    Saleor ids, `today` is the day in the shop's zone, for things past their last day.
    """
    try:
        data = program_data(toml)
    except ProgramProblem as broken:
        return broken.problems
    return problems_in(
        Program, data, known_channels=known_channels, known_variants=known_variants, known_warehouses=known_warehouses,
        today=today,
    )  # fmt: skip


def _open(app: App, db: Connection, shop: Shop, *, by: str) -> Draft:
    lock_shop(db, shop.id)
    if draft := draft_of(db, shop.id):
        return draft
    base = shop_by_id(db, shop.id).program_version or 1
    toml = program_version(db, shop.id, base).toml
    draft = Draft(toml=toml, base_version=base, revision=1, changed_at=app.now(), changed_by=by)
    save_draft(db, shop.id, draft)
    return draft


def _edit(app: App, shop: Shop, change: Callable[[str], str], *, revision: int, by: str) -> Draft:
    with app.database.write() as db:
        current = _open(app, db, shop, by=by)
        if current.revision != revision:
            raise DraftMoved(current)
        return _keep(app, db, shop, current, change(current.toml), by=by)


def _keep(app: App, db: Connection, shop: Shop, current: Draft, toml: str, *, by: str) -> Draft:
    if toml == current.toml:
        return current
    changed = Draft(
        toml=toml,
        base_version=current.base_version,
        revision=current.revision + 1,
        changed_at=app.now(),
        changed_by=by,
    )
    save_draft(db, shop.id, changed)
    return changed
