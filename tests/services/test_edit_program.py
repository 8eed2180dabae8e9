"""Staff edit one draft together, keep what others did, and publish it once."""

import tomllib

import pytest
from factories import NOW, Clock, fresh, program_toml

from saleor_loyalty_app.domain.program import ProgramProblem
from saleor_loyalty_app.services import edit_program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.edit_program import DraftMoved, NoSuchPart
from saleor_loyalty_app.services.publish_program import VersionMoved, publish_program
from saleor_loyalty_app.store.drafts import draft_of
from saleor_loyalty_app.store.programs import all_versions, program_version
from saleor_loyalty_app.store.shops import Shop


def open_draft(app: App, shop: Shop) -> edit_program.Draft:
    return edit_program.open_draft(app, shop, by="VXNlcjox")


def stored(app: App, shop: Shop) -> edit_program.Draft | None:
    with app.database.read() as db:
        return draft_of(db, shop.id)


def test_a_draft_begins_with_the_version_in_force(app: App, shop: Shop) -> None:
    draft = open_draft(app, shop)
    assert (draft.toml, draft.base_version, draft.revision) == (program_toml(), 1, 1)
    assert (draft.changed_at, draft.changed_by) == (NOW, "VXNlcjox")
    assert open_draft(app, shop) == draft == stored(app, shop)


def test_each_change_is_kept_with_who_and_when(app: App, shop: Shop, clock: Clock) -> None:
    draft = open_draft(app, shop)
    clock.pass_time(minutes=5)
    changed = edit_program.change_part(app, shop, ("sender",), {"name": "Ida"}, revision=draft.revision, by="VXNlcjoy")
    assert (changed.revision, changed.changed_at, changed.changed_by) == (2, clock.now(), "VXNlcjoy")
    assert edit_program.draft_data(changed.toml)["sender"] == {"name": "Ida"}
    assert stored(app, shop) == changed


def test_the_same_values_change_nothing(app: App, shop: Shop) -> None:
    draft = open_draft(app, shop)
    for _ in range(2):
        draft = edit_program.change_part(app, shop, ("budget",), {"month": "50"}, revision=draft.revision, by="x")
    assert draft.revision == 2


def test_who_shows_an_older_draft_is_told_how_it_stands(app: App, shop: Shop) -> None:
    first = open_draft(app, shop)
    second = edit_program.change_part(app, shop, (), {"name": "Ours"}, revision=first.revision, by="x")
    with pytest.raises(DraftMoved) as moved:
        edit_program.remove_part(app, shop, ("extras", "caramel"), revision=first.revision, by="y")
    assert moved.value.current == second == stored(app, shop)


def test_parts_come_move_and_go(app: App, shop: Shop) -> None:
    draft = open_draft(app, shop)
    tier = {"id": "top", "name": {"en": "Top"}, "enter": {"spend": "900"}}
    draft = edit_program.add_part(app, shop, "tiers", tier, revision=draft.revision, by="x")
    draft = edit_program.move_part(app, shop, ("tiers", "top"), by_places=-1, revision=draft.revision, by="x")
    assert [tier["id"] for tier in tomllib.loads(draft.toml)["tiers"]] == ["silver", "top", "gold"]
    assert [problem.path for problem in edit_program.problems_of(draft.toml)] == [("tiers", "gold", "enter")]
    draft = edit_program.remove_part(app, shop, ("tiers", "top"), revision=draft.revision, by="x")
    assert edit_program.problems_of(draft.toml) == []
    with pytest.raises(NoSuchPart):
        edit_program.remove_part(app, shop, ("tiers", "top"), revision=draft.revision, by="x")


def test_a_whole_text_can_be_anything_and_be_mended(app: App, shop: Shop) -> None:
    draft = edit_program.replace_draft(app, shop, "name = \r\n", by="x")
    assert draft.toml == "name = \n"
    (problem,) = edit_program.problems_of(draft.toml)
    assert problem.sentence("en").startswith("This is no valid TOML")
    with pytest.raises(tomllib.TOMLDecodeError):
        edit_program.draft_data(draft.toml)
    with pytest.raises(ProgramProblem):
        edit_program.change_part(app, shop, (), {"name": "x"}, revision=draft.revision, by="x")
    assert stored(app, shop) == draft
    edit_program.discard_draft(app, shop)
    edit_program.discard_draft(app, shop)
    assert stored(app, shop) is None


def test_what_is_published_is_no_draft_any_more(app: App, shop: Shop) -> None:
    draft = edit_program.change_part(
        app, shop, ("sender",), {"name": "Ida"}, revision=open_draft(app, shop).revision, by="x"
    )
    assert publish_program(app, shop.id, toml=draft.toml, published_by="x", base=draft.base_version) == 2
    assert stored(app, shop) is None
    assert open_draft(app, shop).base_version == 2


def test_what_is_in_force_is_not_published_again(app: App, shop: Shop) -> None:
    open_draft(app, shop)
    assert publish_program(app, shop.id, toml=program_toml(), published_by="x") == 1
    with app.database.read() as db:
        assert len(all_versions(db, shop.id)) == 1
    assert stored(app, shop) is None
    assert publish_program(app, shop.id, toml=program_toml() + "\n# a comment is a change\n", published_by="x") == 2


def test_a_draft_of_an_older_version_is_refused(app: App, shop: Shop) -> None:
    draft = open_draft(app, shop)
    mine = edit_program.change_part(app, shop, ("sender",), {"name": "Ida"}, revision=draft.revision, by="x")
    publish_program(app, shop.id, toml=program_toml(name="Theirs"), published_by="command line")
    with pytest.raises(VersionMoved) as moved:
        publish_program(app, shop.id, toml=mine.toml, published_by="x", base=mine.base_version)
    assert moved.value.current == 2
    assert stored(app, shop) == mine, "somebody else's version does not cost the draft"
    with app.database.read() as db:
        assert program_version(db, shop.id, fresh(app, shop).program_version or 0).program.name == "Theirs"


def test_a_tier_with_members_is_not_lost_by_a_slip(app: App, shop: Shop) -> None:
    from saleor_loyalty_app.store.tables import customers

    with app.database.write() as db:
        db.execute(
            customers.insert().values(
                shop_id=shop.id, tier="gold", exclusions=[], preferences=[], created_at=NOW, user_id="u"
            )
        )
    toml = program_toml(tiers=[{"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "100"}}])
    with pytest.raises(ProgramProblem) as refused:
        publish_program(app, shop.id, toml=toml, published_by="x")
    assert str(refused.value) == (
        "Tiers: 'gold' is missing and has members (1), who would drop; keep it, or allow drops"
    )
    assert publish_program(app, shop.id, toml=toml, published_by="x", drops_allowed=True) == 2
