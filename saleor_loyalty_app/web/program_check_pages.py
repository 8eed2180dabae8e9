"""Before a draft becomes the next version: what is wrong, what differs, who would move, what would be given."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.program import Program, read_program
from saleor_loyalty_app.domain.program_differences import differences
from saleor_loyalty_app.domain.program_problems import Problem, ProgramProblem
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.edit_program import discard_draft
from saleor_loyalty_app.services.find_variants import (
    VariantsOutOfReach,
    channels_of,
    variants_by_id,
    warehouses_in_shop,
)
from saleor_loyalty_app.services.preview_orders import preview_orders
from saleor_loyalty_app.services.preview_program import preview_program
from saleor_loyalty_app.services.publish_program import VersionMoved, publish_program
from saleor_loyalty_app.store import programs, tiers
from saleor_loyalty_app.store.shops import shop_by_id
from saleor_loyalty_app.store.warehouses import warehouses_of
from saleor_loyalty_app.web.answers import page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.program_draft_pages import draft_page
from saleor_loyalty_app.web.program_pages import BOTH, program_page
from saleor_loyalty_app.web.program_parts import OpenDraft, read_draft
from saleor_loyalty_app.web.words import gettext, locale

blueprint = Blueprint("program_check_pages", __name__, url_prefix="/panel/program")

CHECK = "/program/check"


@blueprint.get("/check")
@staff_only(*BOTH)
def check() -> ResponseReturnValue:
    """What is wrong with the draft and how it differs from the rules in force; what it would do is loaded after."""
    return _check_page()


@blueprint.get("/check/preview")
@staff_only(*BOTH)
def preview() -> ResponseReturnValue:
    """Who would move and what the last orders would have got; with it the button that publishes just this."""
    draft = read_draft()
    if draft is None or draft.wrong:
        return _check_page()
    drops_allowed = request.args.get("drops_allowed") == "yes"
    program = read_program(draft.draft.toml)
    with loyalty().database.read() as db:
        current = program_in_force(db)
        members = tiers.members_by_tier(db, g.shop.id)
    lost = {tier: count for tier, count in members.items() if tier and count and not program.tier(tier)}
    return render_template(
        "panel/program_preview.html",
        shop=g.shop,
        viewer=g.viewer,
        draft=draft,
        program=program,
        current=current,
        base=g.shop.program_version or 1,
        drops_allowed=drops_allowed,
        lost={} if drops_allowed else lost,
        moves=preview_program(loyalty(), g.shop, program, drops_allowed=drops_allowed),
        given=preview_orders(loyalty(), g.shop, program),
    )


@blueprint.post("/publish")
@staff_only(*BOTH)
def publish() -> ResponseReturnValue:
    """Publish the draft that was checked as the next version. Sent twice, it is published once."""
    with loyalty().database.read() as db:
        g.shop = shop_by_id(db, g.shop.id)
        newest = programs.program_version(db, g.shop.id, g.shop.program_version or 1)
    draft = read_draft()
    if draft is None or draft.draft.toml == newest.toml:
        discard_draft(loyalty(), g.shop)
        return program_page(toast=("info", gettext("These rules are already in force.")))
    base, revision = request.form.get("base", -1, type=int), request.form.get("revision", -1, type=int)
    if base != newest.version:
        return _published_meanwhile(newest.version)
    if revision != draft.draft.revision:
        return _check_page(notice=gettext("The draft was changed meanwhile. Please look at it again."), status=409)
    try:
        version = publish_program(
            loyalty(), g.shop.id, toml=draft.draft.toml, published_by=g.viewer.user_id, base=base,
            drops_allowed=request.form.get("drops_allowed") == "yes",
        )  # fmt: skip
    except VersionMoved as moved:
        return _published_meanwhile(moved.current)
    except ProgramProblem as wrong:
        return _check_page(problems=wrong.problems, status=422)
    discard_draft(loyalty(), g.shop)
    said = gettext("Version %(number)s is in force.") % {"number": version}
    return program_page(toast=("success", said))


def _published_meanwhile(version: int) -> ResponseReturnValue:
    said = gettext("Version %(number)s was published meanwhile. See how your draft differs from it before you publish.")
    return _check_page(notice=said % {"number": version}, status=409)


def _check_page(*, notice: str = "", problems: list[Problem] | None = None, status: int = 200) -> ResponseReturnValue:
    first_look = read_draft()
    if first_look is None:
        return draft_page(None)
    known = _known_to_shop(first_look)
    draft = read_draft(**known) or first_look
    with loyalty().database.read() as db:
        g.shop = shop_by_id(db, g.shop.id)
        current = program_in_force(db)
        names = {**dict(warehouses_of(db, g.shop.id)), **(known.get("known_warehouses") or {})}
    program = _program(draft)
    return page(
        "panel/program_check.html",
        CHECK,
        status=status,
        draft=draft,
        program=program,
        problems=problems or draft.wrong,
        changes=differences(current, program, locale(), warehouses=names) if program else [],
        base=g.shop.program_version or 1,
        notice=notice,
    )


def _program(draft: OpenDraft) -> Program | None:
    try:
        return read_program(draft.draft.toml)
    except ProgramProblem:
        return None


def _known_to_shop(draft: OpenDraft) -> dict[str, Any]:
    """Channels, variants and warehouses of the shop, as far as it can be asked just now; the rest is not looked at."""
    named: dict[str, Any] = {str(one.values.get("variant", "")): one for one in draft.listed("extras")}
    ids = [id for id in named if id]
    try:
        channels: Collection[str] | None = [channel.slug for channel in channels_of(loyalty(), g.shop)]
        variants: Collection[str] | None = list(variants_by_id(loyalty(), g.shop, ids)) if ids else None
        warehouses = warehouses_in_shop(loyalty(), g.shop) if draft.part(("packing",)) else None
    except (TryAgain, HumanMustAct, VariantsOutOfReach):
        return {}
    return {"known_channels": channels, "known_variants": variants, "known_warehouses": warehouses}
