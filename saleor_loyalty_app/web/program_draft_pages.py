"""The draft of the next program, changed part by part by forms that several people may have open at once.

A form carries the fingerprint of the part it shows (`was`). Who changes another part, or moves this one, is in
nobody's way; where the part itself was changed meanwhile, the form comes back with what was typed and what is there.
"""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.domain.program_problems import Path
from saleor_loyalty_app.services.edit_program import (
    DraftMoved,
    NoSuchPart,
    add_part,
    change_part,
    discard_draft,
    move_part,
    open_draft,
    remove_part,
)
from saleor_loyalty_app.store.drafts import Draft
from saleor_loyalty_app.web.answers import Toast, missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty
from saleor_loyalty_app.web.program_forms import PART_FORMS
from saleor_loyalty_app.web.program_pages import BOTH, program_page
from saleor_loyalty_app.web.program_parts import (
    BY_ID,
    EDIT,
    LISTS,
    OpenDraft,
    fingerprint,
    free_id,
    kind_of,
    opened,
    read_draft,
    same,
)
from saleor_loyalty_app.web.program_surroundings import surroundings_of
from saleor_loyalty_app.web.program_values import Shown
from saleor_loyalty_app.web.words import gettext, mark

blueprint = Blueprint("program_draft_pages", __name__, url_prefix="/panel/program/edit")

CHANGED = mark("Somebody changed this part while you were typing. What you typed stands below and is not saved yet.")
REMOVED = mark("This part is no longer in the draft. What you typed stands below: save it to add it again.")
FINISHED = mark(
    "The draft was published or discarded meanwhile. What you typed stands below: saving it begins a new draft."
)
AT_ONCE = 5
"""How often a save is tried again when others save other parts at the very same moment."""


@blueprint.get("")
@staff_only(*BOTH)
def show_draft() -> ResponseReturnValue:
    """The draft with all its parts and what is wrong with it; without one, how to begin."""
    return draft_page(read_draft())


@blueprint.post("")
@staff_only(*BOTH)
def begin() -> ResponseReturnValue:
    """Begin a draft from the rules in force, or go on with the one there is; `part` names what to change first."""
    draft = opened(open_draft(loyalty(), g.shop, by=g.viewer.user_id))
    path = draft.place(request.form.get("part", ""))
    return part_page(draft, kind_of(path), path=path) if path is not None else draft_page(draft)


@blueprint.post("/discard")
@staff_only(*BOTH)
def discard() -> ResponseReturnValue:
    """Throw the draft away, after our own question. Done twice, it is done once."""
    if request.form.get("sure") != "yes":
        return draft_page(read_draft())
    discard_draft(loyalty(), g.shop)
    return program_page(toast=("success", gettext("The draft is discarded. The rules in force stay as they are.")))


@blueprint.get("/new/<kind>")
@staff_only(*BOTH)
def show_new(kind: str) -> ResponseReturnValue:
    """An empty form for one more tier, extra, surprise or note; `like` names the note it is a translation of."""
    draft = read_draft()
    if kind not in LISTS:
        return missing(EDIT)
    if draft is None:
        return draft_page(None)
    like = draft.part(draft.place(kind, request.args.get("like", "")) or ("", 0)) if kind == "notes" else None
    kept = {name: like[name] for name in ("id", "moments", "tiers") if name in like} if like else {}
    return part_page(draft, kind, values={**PART_FORMS[kind].defaults(), **kept, **_first_choices(draft, kind, kept)})


@blueprint.post("/new/<kind>")
@staff_only(*BOTH)
def add(kind: str) -> ResponseReturnValue:
    """Add a part. Sent twice, it is added once."""
    if kind not in LISTS:
        return missing(EDIT)
    values = PART_FORMS[kind].read(request.form)
    draft = _draft_to_write()
    if not values.get("id", "-"):
        del values["id"]
    for _ in range(AT_ONCE):
        if twin := next((one for one in draft.listed(kind) if same(kind, values, one.values)), None):
            return _saved(draft, twin.path)
        if kind != "surprises" and "id" not in values:
            values["id"] = free_id(draft, kind, values)
        try:
            kept = {name: value for name, value in values.items() if value is not None}
            added = add_part(loyalty(), g.shop, kind, kept, revision=draft.draft.revision, by=g.viewer.user_id)
        except DraftMoved as moved:
            draft = opened(moved.current)
            continue
        draft = opened(added)
        return _saved(draft, draft.listed(kind)[-1].path)
    return part_page(draft, kind, values=values, notice=gettext(CHANGED), status=409)


@blueprint.get("/<kind>")
@blueprint.get("/<kind>/<code>")
@staff_only(*BOTH)
def show_part(kind: str, code: str = "") -> ResponseReturnValue:
    """The form of one part."""
    draft = read_draft()
    if draft is None:
        return draft_page(None) if kind in PART_FORMS else missing(EDIT)
    path = draft.place(kind, code)
    return missing(EDIT) if path is None else part_page(draft, kind, path=path)


@blueprint.post("/<kind>")
@blueprint.post("/<kind>/<code>")
@staff_only(*BOTH)
def save(kind: str, code: str = "") -> ResponseReturnValue:
    """Keep a part in the draft, whatever is wrong with it."""
    if kind not in PART_FORMS or (kind in LISTS) != bool(code):
        return missing(EDIT)
    values = PART_FORMS[kind].read(request.form)
    if not values.get("id", "-"):
        del values["id"]  # it stands fixed in the form
    was_there = read_draft() is not None
    draft = _draft_to_write()
    for _ in range(AT_ONCE):
        path = draft.find(kind, code, request.form.get("was", ""))
        if path is None:
            return _not_saved(draft, kind, code, values, was_there=was_there)
        values = PART_FORMS[kind].in_order_of(draft.part(path) or {}, values)
        try:
            changed = change_part(
                loyalty(), g.shop, path, values, revision=draft.draft.revision, by=g.viewer.user_id
            )  # fmt: skip
        except DraftMoved as moved:
            draft = opened(moved.current)
        except NoSuchPart:
            return _not_saved(draft, kind, code, values, was_there=was_there)
        else:
            return _saved(opened(changed), (kind, values["id"]) if kind in BY_ID and "id" in values else path)
    return _not_saved(draft, kind, code, values, was_there=was_there)


@blueprint.post("/<kind>/<code>/remove")
@staff_only(*BOTH)
def remove(kind: str, code: str) -> ResponseReturnValue:
    """Take a part out of the draft, if it still is the one that was shown."""
    draft = read_draft()
    path = draft.find(kind, code, request.form.get("was", "")) if draft else None
    if draft is None or path is None:
        return draft_page(draft, toast=("info", gettext("The draft was changed meanwhile. This is how it stands.")))
    try:
        left = remove_part(loyalty(), g.shop, path, revision=draft.draft.revision, by=g.viewer.user_id)
    except DraftMoved as moved:
        return _moved(moved.current)
    except NoSuchPart:
        return draft_page(draft)
    return draft_page(opened(left), toast=("success", gettext("Taken out of the draft.")))


@blueprint.post("/<kind>/<code>/move")
@staff_only(*BOTH)
def move(kind: str, code: str) -> ResponseReturnValue:
    """Move a part up or down among its like; a click on a list that others changed is not carried out."""
    draft = read_draft()
    path = draft.place(kind, code) if draft else None
    if draft is None or path is None:
        return draft_page(draft)
    revision = request.form.get("revision", -1, type=int)
    places = 1 if request.form.get("to") == "down" else -1
    try:
        moved_to = move_part(
            loyalty(), g.shop, path, by_places=places, revision=revision, by=g.viewer.user_id
        )  # fmt: skip
    except DraftMoved as moved:
        return _moved(moved.current)
    except NoSuchPart:
        return draft_page(draft)
    return draft_page(opened(moved_to), toast=("success", gettext("Moved.")))


# ---- Pages


def draft_page(draft: OpenDraft | None, *, toast: Toast | None = None) -> ResponseReturnValue:
    """The draft as a whole."""
    return page("panel/program_draft.html", EDIT, toast=toast, draft=draft)


def part_page(
    draft: OpenDraft,
    kind: str,
    *,
    path: Path | None = None,
    values: dict[str, Any] | None = None,
    notice: str = "",
    status: int = 200,
    toast: Toast | None = None,
) -> ResponseReturnValue:
    """The form of a part: as it stands in the draft, or with `values` that are not in it yet; new without `path`."""
    there = draft.part(path) if path is not None else None
    code = next((one.code for one in draft.listed(kind) if one.path == path), "") if kind in LISTS else ""
    shown = {**PART_FORMS[kind].defaults(), **(there or {})} if values is None else values
    return page(
        f"panel/program_{kind}_form.html",
        f"{EDIT}/new/{kind}" if path is None else "/".join(filter(None, (EDIT, kind, code))),
        status=status,
        toast=toast,
        draft=draft,
        kind=kind,
        code=code,
        is_new=path is None,
        was=fingerprint(there or {}),
        part=Shown(
            path=path if path is not None else (kind, -1),
            values=shown,
            problems=draft.problems_in(path) if path is not None and values is None else [],
        ),
        standing=draft.differing(kind, path, values) if values is not None and path is not None else [],
        notice=notice,
        **surroundings_of(draft, kind, there or {}),
    )


def _saved(draft: OpenDraft, path: Path) -> ResponseReturnValue:
    """Back to the draft, or once more to the form when something in it needs a person."""
    kind = kind_of(path)
    if draft.part(path) is not None and any(not problem.is_warning for problem in draft.problems_in(path)):
        said = gettext("Saved in the draft. Something here needs you before it can be published.")
        return part_page(draft, kind, path=path, toast=("warning", said))
    return draft_page(draft, toast=("success", gettext("Saved in the draft.")))


def _not_saved(
    draft: OpenDraft, kind: str, code: str, values: dict[str, Any], *, was_there: bool
) -> ResponseReturnValue:
    """The form with what was typed; unless just that stands in the draft already."""
    path = draft.place(kind, code)
    there = draft.part(path) if path is not None else None
    if path is not None and there is not None and same(kind, values, there):
        return _saved(draft, path)
    notice = FINISHED if not was_there else REMOVED if there is None and kind in LISTS else CHANGED
    if there is None and kind in LISTS:
        path = None
    return part_page(draft, kind, path=path, values=values, notice=gettext(notice), status=409)


def _moved(current: Draft) -> ResponseReturnValue:
    said = gettext("The draft was changed meanwhile. This is how it stands.")
    return draft_page(opened(current), toast=("info", said))


def _draft_to_write() -> OpenDraft:
    return read_draft() or opened(open_draft(loyalty(), g.shop, by=g.viewer.user_id))


def _first_choices(draft: OpenDraft, kind: str, kept: dict[str, Any]) -> dict[str, Any]:
    """What a new part begins with beside the defaults."""
    if kind == "notes":
        taken = {one.values.get("language") for one in draft.listed("notes") if one.values.get("id") == kept.get("id")}
        free = [language for language in draft.languages if not kept or language not in taken]
        return {"language": (free or draft.languages)[0]}
    return {"kind": "surprise"} if kind == "extras" else {}
