"""The program as text, for those who like that better: the draft to edit, files to import and to take away."""

import tomllib

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from saleor_loyalty_app.services.edit_program import open_draft, replace_draft
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.web.answers import missing, page
from saleor_loyalty_app.web.auth import staff_only
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.program_draft_pages import draft_page
from saleor_loyalty_app.web.program_pages import BOTH, VERSIONS, version_of, version_page
from saleor_loyalty_app.web.program_parts import EDIT, OpenDraft, read_draft
from saleor_loyalty_app.web.words import gettext

blueprint = Blueprint("program_text_pages", __name__, url_prefix="/panel/program")

TEXT = f"{EDIT}/text"
LONGEST_PROGRAM = 200_000


@blueprint.get("/edit/text")
@staff_only(*BOTH)
def show_text() -> ResponseReturnValue:
    """The draft as text."""
    draft = read_draft()
    return _text_page(draft) if draft else draft_page(None)


@blueprint.post("/edit/text")
@staff_only(*BOTH)
def keep_text() -> ResponseReturnValue:
    """Take a text or a file as the draft, whatever is wrong with it; not over what others changed meanwhile."""
    toml, problem = _sent()
    draft = read_draft()
    if problem:
        return _text_page(draft, toml=toml, problem=problem, status=422)
    if draft is not None and draft.draft.toml == toml:
        return draft_page(draft, toast=("success", gettext("Saved in the draft.")))
    revision = request.form.get("revision", 0, type=int)
    if draft is not None and revision != draft.draft.revision:
        said = gettext("Somebody changed the draft meanwhile. Saving your text now replaces theirs.")
        return _text_page(draft, toml=toml, problem=said, status=409)
    if draft is None:
        open_draft(loyalty(), g.shop, by=g.viewer.user_id)
    replace_draft(loyalty(), g.shop, toml, by=g.viewer.user_id)
    kept = read_draft()
    if kept is not None and kept.wrong:
        said = gettext("Saved in the draft. Something needs you before it can be published.")
        return draft_page(kept, toast=("warning", said))
    return draft_page(kept, toast=("success", gettext("Saved in the draft.")))


@blueprint.post("/versions/<int:version>/draft")
@staff_only(*BOTH)
def take_as_draft(version: int) -> ResponseReturnValue:
    """Begin a draft with what a version said. A draft in work is replaced only when that was said."""
    with loyalty().database.read() as db:
        found, draft = version_of(db, version), draft_of(db, g.shop.id)
    if found is None:
        return missing(VERSIONS)
    if draft is not None and draft.toml != found.toml and request.form.get("sure") != "yes":
        return version_page(version, asked=True)
    if draft is None:
        open_draft(loyalty(), g.shop, by=g.viewer.user_id)
    replace_draft(loyalty(), g.shop, found.toml, by=g.viewer.user_id)
    said = gettext("Version %(number)s is the draft now. Nothing is published yet.") % {"number": version}
    return draft_page(read_draft(), toast=("success", said))


@blueprint.post("/export")
@staff_only(*BOTH)
def export() -> ResponseReturnValue:
    """The draft or a version as a file."""
    wanted = request.form.get("version", "")
    with loyalty().database.read() as db:
        program_in_force(db)
        if wanted == "draft":
            draft = draft_of(db, g.shop.id)
            text = draft.toml if draft else None
        else:
            published = version_of(db, int(wanted)) if wanted.isdecimal() and len(wanted) < 8 else None
            text = published.toml if published else None
    if text is None:
        return missing(VERSIONS)
    name = "program-draft.toml" if wanted == "draft" else f"program-version-{int(wanted)}.toml"
    answer = Response(text, content_type="application/toml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _text_page(
    draft: OpenDraft | None, *, toml: str | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    return page(
        "panel/program_text.html",
        TEXT,
        status=status,
        draft=draft,
        toml=toml if toml is not None else draft.draft.toml if draft else "",
        problem=problem,
    )


def _sent() -> tuple[str, str]:
    """What was typed or chosen as a file, with the line ends that files have, and why it can't be taken."""
    uploaded = request.files.get("file")
    if uploaded and uploaded.filename:
        try:
            with uploaded.stream:
                text = uploaded.read(LONGEST_PROGRAM * 4 + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            return "", gettext("This file is no text. Choose one that was exported here.")
    else:
        text = request.form.get("toml", "")
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if not text.strip():
        return text, gettext("There is nothing in it. Paste a program, or choose a file.")
    if len(text) > LONGEST_PROGRAM:
        return text[:LONGEST_PROGRAM], gettext("This text is too long for a program.")
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        said = gettext("This can't be read as TOML, so it is not saved yet: %(reason)s") % {"reason": broken}
        return text, said
    return text, ""
