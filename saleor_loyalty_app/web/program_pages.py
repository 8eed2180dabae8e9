"""The program in the panel: its rules in words, versions, a draft with who would move, rehearsal and live."""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.program import Program, ProgramProblem, read_program
from saleor_loyalty_app.services.preview_program import preview_program
from saleor_loyalty_app.services.publish_program import publish_program, switch_mode
from saleor_loyalty_app.store import pages, programs, stock, tiers
from saleor_loyalty_app.store.shops import LIVE, REHEARSAL, shop_by_id
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("program_pages", __name__, url_prefix="/panel")

BOTH = ("MANAGE_ORDERS", "MANAGE_USERS")
LONGEST_PROGRAM = 200_000


@blueprint.get("/program")
@staff_only(*BOTH)
def show_program() -> ResponseReturnValue:
    """The rules in force, in words, and all versions."""
    return _program_page()


@blueprint.get("/program/versions/<int:version>")
@staff_only(*BOTH)
def show_version(version: int) -> ResponseReturnValue:
    """One version as it was published."""
    with loyalty().database.read() as db:
        program_in_force(db)
        found = next((known for known in programs.all_versions(db, g.shop.id) if known.version == version), None)
    if found is None:
        return missing("/program")
    return page("panel/program_version.html", f"/program/versions/{version}", published=found)


@blueprint.get("/program/edit")
@staff_only(*BOTH)
def edit() -> ResponseReturnValue:
    """The rules as text, to change or to replace by another file's."""
    with loyalty().database.read() as db:
        published = programs.program_version(db, g.shop.id, g.shop.program_version or 1)
    return _edit_page(published.toml)


@blueprint.post("/program/check")
@staff_only(*BOTH)
def check() -> ResponseReturnValue:
    """Every problem of a draft in words; when there is none, who would move, before anything is published."""
    toml, drops_allowed = _draft()
    draft, problems = _read(toml)
    if draft is None:
        return _edit_page(toml, problems=problems, status=422)
    with loyalty().database.read() as db:
        current = program_in_force(db)
    preview = preview_program(loyalty(), g.shop, draft, drops_allowed=drops_allowed)
    return page(
        "panel/program_check.html",
        "/program/edit",
        toml=toml,
        draft=draft,
        current=current,
        preview=preview,
        drops_allowed=drops_allowed,
        base=g.shop.program_version or 1,
    )


@blueprint.post("/program/draft")
@staff_only(*BOTH)
def go_on_editing() -> ResponseReturnValue:
    """Back from who would move to the text, with the draft as it is."""
    return _edit_page(_draft()[0])


@blueprint.post("/program/publish")
@staff_only(*BOTH)
def publish() -> ResponseReturnValue:
    """Publish a checked draft as the next version. Sent twice, it is published once."""
    toml, drops_allowed = _draft()
    draft, problems = _read(toml)
    if draft is None:
        return _edit_page(toml, problems=problems, status=422)
    with loyalty().database.read() as db:
        shop = shop_by_id(db, g.shop.id)
        newest = programs.program_version(db, shop.id, shop.program_version or 1)
    if newest.toml == toml:
        return _program_page(toast=("info", gettext("These rules are already in force.")))
    if request.form.get("base", type=int) != newest.version:
        problem = gettext("Somebody published version %(number)s meanwhile. Please check your draft against it.")
        return _edit_page(toml, problems=[problem % {"number": newest.version}], status=409)
    version = publish_program(
        loyalty(), g.shop.id, toml=toml, published_by=g.viewer.user_id, drops_allowed=drops_allowed
    )  # fmt: skip
    said = gettext("Version %(number)s is in force.") % {"number": version}
    return _program_page(toast=("success", said))


@blueprint.get("/program/mode")
@staff_only(*BOTH)
def ask_mode() -> ResponseReturnValue:
    """Our own question before rehearsal becomes live, or the other way round."""
    with loyalty().database.read() as db:
        program = program_in_force(db)
        states = pages.parcels_by_state(db, g.shop.id)
    return page("panel/mode.html", "/program/mode", program=program, planned=sum(states.values()))


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
    return _program_page(toast=("success", live if mode == LIVE else rehearsal))


def _program_page(*, toast: Toast | None = None) -> ResponseReturnValue:
    with loyalty().database.read() as db:
        g.shop = shop_by_id(db, g.shop.id)
        values: dict[str, Any] = {
            "program": program_in_force(db),
            "versions": programs.all_versions(db, g.shop.id),
            "stock": stock.stock_of(db, g.shop.id),
            "members": tiers.members_by_tier(db, g.shop.id),
        }
    return page("panel/program.html", "/program", toast=toast, **values)


def _edit_page(toml: str, *, problems: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    return page("panel/program_edit.html", "/program/edit", status=status, toml=toml, problems=problems or [])


def _draft() -> tuple[str, bool]:
    """The draft's text with the line ends that files have, and whether members may drop by it."""
    toml = request.form.get("toml", "").replace("\r\n", "\n")
    return toml, request.form.get("drops_allowed") == "yes"


def _read(toml: str) -> tuple[Program | None, list[str]]:
    if len(toml) > LONGEST_PROGRAM:
        return None, [gettext("This text is too long for a program.")]
    try:
        return read_program(toml), []
    except ProgramProblem as wrong:
        return None, wrong.problems
