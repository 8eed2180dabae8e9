"""The program in the panel as it holds: its rules in words, its versions with differences, rehearsal and live."""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.program_differences import differences
from saleor_loyalty_app.files import package_text
from saleor_loyalty_app.saleor.events import permissions
from saleor_loyalty_app.services.plan_parcel import month_of
from saleor_loyalty_app.services.publish_program import STARTER, switch_mode
from saleor_loyalty_app.store import costs, pictures, programs, stock, tiers
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.store.programs import PublishedProgram
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL, shop_by_id
from saleor_loyalty_app.store.warehouses import warehouses_of
from saleor_loyalty_app.web import program_values
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, members_by_tier, program_in_force
from saleor_loyalty_app.web.words import gettext, locale

blueprint = Blueprint("program_pages", __name__, url_prefix="/panel")

BOTH = ("MANAGE_ORDERS", "MANAGE_USERS")
VERSIONS = "/program/versions"
NEWEST = 5
"""How many versions the program's own page names."""

for _name in ("chance", "percent", "rate", "country", "language"):
    blueprint.add_app_template_filter(getattr(program_values, _name), _name)


@blueprint.get("/program")
@staff_only(*BOTH)
def show_program() -> ResponseReturnValue:
    """The rules in force, in words."""
    return program_page()


@blueprint.get("/program/versions")
@staff_only(*BOTH)
def show_versions() -> ResponseReturnValue:
    """All versions with who published them and when."""
    with loyalty().database.read() as db:
        program_in_force(db)
        versions = programs.all_versions(db, g.shop.id)
    return page("panel/program_versions.html", VERSIONS, versions=versions)


@blueprint.get("/program/versions/<int:version>")
@staff_only(*BOTH)
def show_version(version: int) -> ResponseReturnValue:
    """One version as it was published, and how it differs from the one before and from the one in force."""
    return version_page(version)


@blueprint.get("/program/mode")
@staff_only(*BOTH)
def ask_mode() -> ResponseReturnValue:
    """Our own question before rehearsal becomes live, or the other way round."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        members = tiers.members_with_account(db, g.shop.id)
    lacking = [code for code in permissions() if code not in g.shop.permissions]
    return page(
        "panel/mode.html",
        "/program/mode",
        program=program,
        members=members,
        lacking=lacking,
        is_starters_sender=program.sender == read_program(package_text(STARTER)).sender,
    )


@blueprint.post("/program/mode")
@staff_only(*BOTH)
def set_mode() -> ResponseReturnValue:
    """Go live, or back to rehearsal."""
    mode = request.form.get("mode")
    if mode not in {LIVE, REHEARSAL}:
        return missing("/program/mode")
    switch_mode(loyalty(), g.shop.id, mode)
    live = gettext("Live: from now on the shop is told what to pack.")
    rehearsal = gettext("Rehearsal: everything is planned and shown, nothing is told to the shop.")
    return program_page(toast=("success", live if mode == LIVE else rehearsal))


def program_page(*, toast: Toast | None = None) -> ResponseReturnValue:
    """The page of the rules in force, as they are at this moment."""
    with loyalty().database.read() as db:
        g.shop = shop_by_id(db, g.shop.id)
        program = program_in_force(db)
        month = month_of(loyalty().now(), program)
        values: dict[str, Any] = {
            "program": program,
            "versions": programs.all_versions(db, g.shop.id),
            "newest": NEWEST,
            "draft": draft_of(db, g.shop.id),
            "stock": stock.stock_of(db, g.shop.id),
            "members": members_by_tier(db),
            "pictures": _pictures(db, program),
            "spent": costs.spent_in_month(db, g.shop.id, mode=g.shop.mode, month=month),
            "warehouses": dict(warehouses_of(db, g.shop.id)),
            "spent_by_hand": costs.spent_in_month(db, g.shop.id, mode=g.shop.mode, month=month, by_hand=True),
        }
    return page("panel/program.html", "/program", toast=toast, **values)


def version_page(version: int, *, asked: bool = False) -> ResponseReturnValue:
    """A version in words and as text; `asked` whether it shall replace the draft in work."""
    with loyalty().database.read() as db:
        in_force = program_in_force(db)
        found, before = version_of(db, version), version_of(db, version - 1)
        if found is None:
            return missing(VERSIONS)
        warehouses = dict(warehouses_of(db, g.shop.id))
        values: dict[str, Any] = {"pictures": _pictures(db, found.program), "draft": draft_of(db, g.shop.id)}
    is_in_force = version == g.shop.program_version
    return page(
        "panel/program_version.html",
        f"{VERSIONS}/{version}",
        published=found,
        program=found.program,
        before=before,
        warehouses=warehouses,
        since_before=(differences(before.program, found.program, locale(), warehouses=warehouses) if before else []),
        until_now=[] if is_in_force else differences(found.program, in_force, locale(), warehouses=warehouses),
        is_in_force=is_in_force,
        asked=asked,
        **values,
    )


def version_of(db: Connection, version: int) -> PublishedProgram | None:
    """One version of the viewer's shop, None when it has none of this number."""
    return next((known for known in programs.all_versions(db, g.shop.id) if known.version == version), None)


def _pictures(db: Connection, program: Program) -> dict[str, str]:
    return pictures.pictures_of(db, g.shop.id, [extra.id for extra in program.extras])
