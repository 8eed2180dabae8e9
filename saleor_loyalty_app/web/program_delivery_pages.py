"""How each channel is told what to pack: the draft's delivery, beside what the shop says of its channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.edit_program import DraftMoved, NoSuchPart, change_part, open_draft, remove_part
from saleor_loyalty_app.services.find_variants import Channel, channels_of
from saleor_loyalty_app.web.answers import Toast, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.program_draft_pages import CHANGED, draft_page
from saleor_loyalty_app.web.program_forms import PART_FORMS
from saleor_loyalty_app.web.program_pages import BOTH
from saleor_loyalty_app.web.program_parts import EDIT, OpenDraft, fingerprint, opened, read_draft, same
from saleor_loyalty_app.web.program_values import Shown
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("program_delivery_pages", __name__, url_prefix="/panel/program/edit/delivery")

DELIVERY = f"{EDIT}/delivery"
LONGEST_SLUG = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelForm:
    """One channel with its rule in the draft; `channel` is None where the shop has none of this slug (any more)."""

    slug: str
    channel: Channel | None
    part: Shown
    was: str
    is_named: bool
    """Whether the draft says anything about it."""


@blueprint.get("")
@staff_only(*BOTH)
def show() -> ResponseReturnValue:
    """All channels of the shop, and those that the draft names."""
    draft = read_draft()
    return _delivery_page(draft) if draft else draft_page(None)


@blueprint.post("")
@staff_only(*BOTH)
def save() -> ResponseReturnValue:
    """Keep how one channel is told, in the draft."""
    slug = request.form.get("channel", "").strip()[:LONGEST_SLUG]
    values = PART_FORMS["delivery"].read(request.form)
    draft = read_draft() or opened(open_draft(loyalty(), g.shop, by=g.viewer.user_id))
    there = draft.part(("delivery", slug)) or {}
    forget = request.form.get("forget") == "yes"
    if not slug or (not forget and same("delivery", values, there)):
        return _delivery_page(draft, toast=("success", gettext("Saved in the draft.")))
    if request.form.get("was") not in {fingerprint(there), "new"}:
        return _delivery_page(draft, typed={slug: values}, status=409)
    try:
        if forget:
            kept = remove_part(
                loyalty(), g.shop, ("delivery", slug), revision=draft.draft.revision, by=g.viewer.user_id
            )  # fmt: skip
        else:
            kept = change_part(
                loyalty(), g.shop, ("delivery", slug), values, revision=draft.draft.revision, by=g.viewer.user_id
            )  # fmt: skip
    except DraftMoved as moved:
        return _delivery_page(opened(moved.current), typed={slug: values}, status=409)
    except NoSuchPart:
        return _delivery_page(draft)
    return _delivery_page(opened(kept), toast=("success", gettext("Saved in the draft.")))


def _delivery_page(
    draft: OpenDraft,
    *,
    typed: Mapping[str, Mapping[str, Any]] | None = None,
    status: int = 200,
    toast: Toast | None = None,
) -> ResponseReturnValue:
    """`typed` are values by channel that could not be kept, because somebody else changed them."""
    try:
        channels = channels_of(loyalty(), g.shop)
        out_of_reach = False
    except (TryAgain, HumanMustAct):
        channels, out_of_reach = [], True
    return page(
        "panel/program_delivery_form.html",
        DELIVERY,
        status=status,
        toast=toast,
        draft=draft,
        forms=_forms(draft, channels, typed or {}),
        out_of_reach=out_of_reach,
        notice=gettext(CHANGED) if typed else "",
    )


def _forms(draft: OpenDraft, channels: list[Channel], typed: Mapping[str, Mapping[str, Any]]) -> list[ChannelForm]:
    known = {channel.slug: channel for channel in channels}
    named = draft.data.get("delivery")
    slugs = [*known, *(str(slug) for slug in named if slug not in known)] if isinstance(named, Mapping) else [*known]
    forms = []
    for slug in slugs:
        path = ("delivery", slug)
        there = draft.part(path)
        values = typed.get(slug) or {**PART_FORMS["delivery"].defaults(), **(there or {})}
        forms.append(
            ChannelForm(
                slug=slug,
                channel=known.get(slug),
                part=Shown(path=path, values=values, problems=draft.problems_in(path)),
                was=fingerprint(there or {}),
                is_named=there is not None,
            )
        )
    return forms
