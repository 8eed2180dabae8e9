"""Staff change a parcel by hand: each change once, within the budgets, with stock, history and shop brought along."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from factories import NOW, Clock, a_surprise_extra, add_installed_shop, an_extra, fresh, program_toml
from sqlalchemy import func, select
from wire import ShopWire, answer_lost, down, refusing

from saleor_loyalty_app.domain.changing import CannotChange, SkipReason, WhyNotChanged
from saleor_loyalty_app.saleor.errors import HumanMustAct, TryAgain
from saleor_loyalty_app.services.add_order_lines import add_order_lines
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.change_parcel import (
    add_extra,
    edit_note,
    exchange_item,
    pack_parcel,
    reopen_parcel,
    skip_parcel,
    take_out_item,
)
from saleor_loyalty_app.services.one_change import QUIET, UNDO
from saleor_loyalty_app.services.parcel_case import additions, case_of_parcel, exchanges_for
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.services.tell_shop import tell_shop
from saleor_loyalty_app.store import customers, effects, orders, pages, parcel_changes, parcels, stock, work
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.parcel_changes import Changed
from saleor_loyalty_app.store.parcel_tables import parcel_changes as changes_table
from saleor_loyalty_app.store.parcels import Parcel, ParcelItem
from saleor_loyalty_app.store.shops import REHEARSAL, Shop

MIRA, TOM = "VXNlcjoyMQ==", "VXNlcjoyMg=="
SETTLED = 26
LATER = (NOW + timedelta(minutes=5)).isoformat()
EXTRAS = [
    an_extra("caramel"),
    a_surprise_extra("bookmark", weight=1_000_000, name={"en": "bookmark"}),
    a_surprise_extra("tea", weight=5, name={"en": "tea sample"}, contains=["caffeine"]),
    a_surprise_extra("soap", weight=3, not_to=["US"]),
    a_surprise_extra("candle", cost="3.00", contains=["fragrance"]),
    a_surprise_extra("sweet", cost="0", stock=None),
]
NOTES = [
    {
        "id": "thanks",
        "language": "en",
        "text": "{{ greeting }} thank you{% if extra %} and enjoy the {{ extra }}{% endif %}.",
    }
]


def a_program(**changes: Any) -> str:
    """Bookmark, tea or soap as a surprise (soap may not go to the US); a candle and a sweet that are never drawn."""
    values = {"extras": EXTRAS, "surprises": [{"chance": 1.0, "pool": ["bookmark", "tea", "soap"]}], "notes": NOTES,
              "budget": {"by_hand_month": "5"}}  # fmt: skip
    return program_toml(**{**values, **changes})


@dataclass
class Desk:
    """A shop with one parcel, and staff who change it."""

    app: App
    wire: ShopWire
    shop: Shop
    order_id: str = ""
    wishes: list[str] = field(default_factory=list)

    def order(self, number: int = 1, **changes: Any) -> "Desk":
        self.order_id = self.wire.has_order(number, total=120, **changes)
        reward_order(self.app, self.shop, self.order_id)
        return self

    def tell(self) -> list[str]:
        tell_shop(self.app, self.shop, self.order_id)
        return self.wire.notes[self.order_id]

    @property
    def parcel(self) -> Parcel:
        with self.app.database.read() as db:
            row = orders.order_by_saleor_id(db, self.shop.id, self.order_id)
            found = parcels.parcel_of_order(db, self.shop.id, row.id) if row else None
        assert found
        return found

    @property
    def items(self) -> list[ParcelItem]:
        with self.app.database.read() as db:
            return parcels.items_of(db, self.shop.id, self.parcel.id)

    @property
    def inside(self) -> list[str]:
        return [item.extra_id for item in self.items if item.state in parcels.STANDING]

    @property
    def note(self) -> str:
        with self.app.database.read() as db:
            found = pages.note_of_parcel(db, self.shop.id, self.parcel.id)
        return found.text if found and found.state != "cancelled" else ""

    @property
    def changes(self) -> list[Changed]:
        with self.app.database.read() as db:
            return parcel_changes.changes_of(db, self.shop.id, self.parcel.id)

    def stock(self, extra_id: str) -> int:
        with self.app.database.read() as db:
            return stock.stock_of(db, self.shop.id)[extra_id]

    def count(self, extra_id: str, pieces: int) -> None:
        with self.app.database.write() as db:
            stock.set_count(db, self.shop.id, extra_id, pieces, now=NOW)

    def excludes(self, *words: str) -> None:
        with self.app.database.write() as db:
            customers.set_wishes(db, self.shop.id, self.parcel.customer_id, exclusions=words, preferences=())

    def item(self, extra_id: str) -> int:
        return next(item.id for item in reversed(self.items) if item.extra_id == extra_id)

    def do(self, change: Callable[..., Changed], *args: Any, by: str = MIRA, wish: str = "", **more: Any) -> Changed:
        return change(self.app, self.shop, self.parcel.id, *args, by=by, wish=wish or str(uuid4()), **more)

    def exchange(self, extra_id: str = "bookmark", **more: Any) -> Changed:
        return self.do(exchange_item, self.item(extra_id), **more)

    def wanted(self) -> work.Work | None:
        with self.app.database.read() as db:
            return work.find(db, self.shop.id, f"order:{self.order_id}")


@pytest.fixture
def shop(app: App, wire: ShopWire) -> Shop:
    return add_installed_shop(app, toml=a_program())


@pytest.fixture
def desk(app: App, shop: Shop, wire: ShopWire) -> Desk:
    return Desk(app, wire, shop).order()


def why(call: Callable[[], object]) -> WhyNotChanged:
    with pytest.raises(CannotChange) as refused:
        call()
    return refused.value.why


# ---- Exchanging


def test_a_surprise_is_exchanged_for_the_next_best_and_the_note_names_what_is_in(desk: Desk) -> None:
    assert desk.inside == ["caramel", "bookmark"]
    change = desk.exchange()
    assert desk.inside == ["caramel", "tea"]
    assert desk.note == "Dear Anna, thank you and enjoy the tea sample."
    assert (change.kind, change.by, change.at) == ("exchanged", MIRA, NOW)
    assert change.detail == {"item": desk.item("bookmark"), "out": "bookmark", "in": "tea"}
    assert (desk.stock("bookmark"), desk.stock("tea")) == (10, 9)
    assert desk.parcel.revision == 1
    assert desk.parcel.plan.extras.chosen[-1].extra_id == "tea"


def test_several_changes_in_a_row_are_told_in_one_round(desk: Desk) -> None:
    assert desk.wanted() is None
    desk.exchange()
    desk.do(pack_parcel)
    found = desk.wanted()
    assert found
    assert (found.state, found.due_at) == ("waiting", NOW + QUIET)


def test_staff_may_choose_among_those_that_fit(app: App, wire: ShopWire) -> None:
    extras = [*EXTRAS[:3], a_surprise_extra("soap", weight=3)]
    desk = Desk(app, wire, add_installed_shop(app, toml=a_program(extras=extras))).order()
    desk.exchange(instead="soap")
    assert desk.inside == ["caramel", "soap"]


def test_what_staff_rejected_is_not_the_next_best_again_but_may_be_chosen(desk: Desk) -> None:
    desk.exchange()
    assert why(lambda: desk.exchange("tea")) is WhyNotChanged.NOTHING_TO_EXCHANGE
    desk.exchange("tea", instead="bookmark")
    assert desk.inside == ["caramel", "bookmark"]
    assert (desk.stock("bookmark"), desk.stock("tea")) == (9, 10)


@pytest.mark.parametrize(
    ("instead", "refusal"),
    [
        ("candle", WhyNotChanged.NOT_IN_POOL),
        ("soap", WhyNotChanged.COUNTRY),
        ("caramel", WhyNotChanged.NOT_IN_POOL),
        ("moon", WhyNotChanged.NO_SUCH_EXTRA),
    ],
)
def test_something_that_does_not_fit_is_refused_and_nothing_changes(
    desk: Desk, instead: str, refusal: WhyNotChanged
) -> None:
    assert why(lambda: desk.exchange(instead=instead)) is refusal
    assert desk.inside == ["caramel", "bookmark"]
    assert (desk.parcel.revision, desk.changes, desk.stock("bookmark")) == (0, [], 9)


def test_an_exclusion_of_today_holds_for_an_exchange(desk: Desk) -> None:
    desk.excludes("caffeine")
    assert why(lambda: desk.exchange(instead="tea")) is WhyNotChanged.EXCLUDED
    assert why(desk.exchange) is WhyNotChanged.NOTHING_TO_EXCHANGE


def test_what_is_out_of_stock_is_no_choice(desk: Desk) -> None:
    desk.count("tea", 0)
    assert why(lambda: desk.exchange(instead="tea")) is WhyNotChanged.OUT_OF_STOCK


def test_the_cost_of_what_goes_is_there_for_what_comes(app: App, wire: ShopWire) -> None:
    toml = a_program(budget={"month": "0.80", "customer_year": "0.80"})
    desk = Desk(app, wire, add_installed_shop(app, toml=toml)).order()
    desk.exchange()
    assert desk.inside == ["caramel", "tea"]


def test_a_signature_and_what_staff_added_have_no_next_best(desk: Desk) -> None:
    desk.do(add_extra, "candle")
    for extra_id in ("caramel", "candle"):
        assert why(lambda extra_id=extra_id: desk.exchange(extra_id)) is WhyNotChanged.NOTHING_TO_EXCHANGE


def test_an_extra_that_is_no_longer_in_is_named_so(desk: Desk) -> None:
    first = desk.item("bookmark")
    desk.exchange()
    assert why(lambda: desk.do(exchange_item, first)) is WhyNotChanged.NO_SUCH_ITEM


# ---- Adding


def test_any_extra_of_the_program_can_be_added_also_one_that_is_never_drawn(desk: Desk) -> None:
    change = desk.do(add_extra, "candle")
    assert desk.inside == ["caramel", "bookmark", "candle"]
    assert [item.by_hand for item in desk.items] == [False, False, True]
    assert change.detail == {"item": desk.item("candle"), "in": "candle", "cost_minor": 300}
    assert desk.stock("candle") == 9
    assert desk.note == "Dear Anna, thank you and enjoy the bookmark."


def test_an_extra_that_came_with_later_rules_can_be_added_and_is_told_by_its_name(desk: Desk) -> None:
    later = a_program(extras=[*EXTRAS, a_surprise_extra("pin", name={"en": "a little pin"}, shelf="C7")])
    publish_program(desk.app, desk.shop.id, toml=later, published_by="test")
    desk.shop = fresh(desk.app, desk.shop)
    desk.do(add_extra, "pin")
    assert "Add: caramel; bookmark; a little pin (C7)" in desk.tell()[-1]


def test_by_hand_has_a_budget_of_its_own_in_each_month(desk: Desk, clock: Clock) -> None:
    desk.do(add_extra, "candle")
    desk.order(2)
    with pytest.raises(CannotChange) as refused:
        desk.do(add_extra, "candle")
    assert (refused.value.why, refused.value.detail) == (WhyNotChanged.BUDGET_BY_HAND, "200")
    desk.do(add_extra, "sweet")  # costs nothing
    clock.pass_time(days=20)
    desk.do(add_extra, "candle")
    assert desk.inside[-2:] == ["sweet", "candle"]


def test_what_is_taken_out_frees_the_budget_by_hand(desk: Desk) -> None:
    desk.do(add_extra, "candle")
    desk.do(take_out_item, desk.item("candle"), reason="looked_wrong")
    desk.do(add_extra, "candle")
    assert desk.stock("candle") == 9


@pytest.mark.parametrize(
    ("budget", "refusal"),
    [
        ({"month": "3.00"}, WhyNotChanged.BUDGET_MONTH),
        ({"customer_year": "3.00"}, WhyNotChanged.BUDGET_CUSTOMER),
        ({"by_hand_month": "2.99"}, WhyNotChanged.BUDGET_BY_HAND),
    ],
    ids=["month", "customer and year", "by hand"],
)
def test_every_budget_binds_staff(app: App, wire: ShopWire, budget: dict[str, str], refusal: WhyNotChanged) -> None:
    desk = Desk(app, wire, add_installed_shop(app, toml=a_program(budget=budget))).order()
    assert why(lambda: desk.do(add_extra, "candle")) is refusal


def test_without_a_budget_nothing_but_wishes_and_stock_binds_staff(app: App, wire: ShopWire) -> None:
    desk = Desk(app, wire, add_installed_shop(app, toml=a_program(budget={}))).order()
    desk.do(add_extra, "candle")
    assert "candle" in desk.inside


@pytest.mark.parametrize(
    ("words", "extra_id", "refusal"),
    [
        (["fragrance"], "candle", WhyNotChanged.EXCLUDED),
        (["Sweet"], "sweet", WhyNotChanged.EXCLUDED),
        (["no-inserts"], "sweet", WhyNotChanged.NO_INSERTS),
        ([], "soap", WhyNotChanged.COUNTRY),
        ([], "bookmark", WhyNotChanged.ALREADY_IN),
        ([], "moon", WhyNotChanged.NO_SUCH_EXTRA),
        ([], "", WhyNotChanged.NO_SUCH_EXTRA),
    ],
)
def test_what_a_customer_must_not_get_stays_out(
    desk: Desk, words: list[str], extra_id: str, refusal: WhyNotChanged
) -> None:
    desk.excludes(*words)
    assert why(lambda: desk.do(add_extra, extra_id)) is refusal


def test_what_may_be_added_is_offered_with_the_reason_for_the_rest(desk: Desk) -> None:
    desk.excludes("fragrance")
    desk.count("tea", 0)
    with desk.app.database.read() as db:
        case = case_of_parcel(desk.app, db, desk.shop, desk.parcel)
        offered = {extra.id: trouble and trouble.why for extra, trouble in additions(case)}
        bookmark = next(item for item in case.items if item.extra_id == "bookmark")
        assert exchanges_for(case, bookmark) == ()
    assert case.by_hand_left_minor == 500
    assert offered == {
        "tea": WhyNotChanged.OUT_OF_STOCK,
        "soap": WhyNotChanged.COUNTRY,
        "candle": WhyNotChanged.EXCLUDED,
        "sweet": None,
    }


# ---- The note


def test_an_edited_note_is_kept_with_the_words_before(desk: Desk) -> None:
    change = desk.do(edit_note, text="  Dear Anna,\r\n\r\nhow nice!\t \x00\x07 ")
    assert desk.note == "Dear Anna,\n\nhow nice!"
    assert change.detail["before"] == "Dear Anna, thank you and enjoy the bookmark."
    assert change.detail["after"] == desk.note


def test_no_exchange_and_no_addition_overwrites_what_staff_wrote(desk: Desk) -> None:
    desk.do(edit_note, text="Enjoy the bookmark!")
    desk.exchange()
    desk.do(add_extra, "candle")
    assert desk.note == "Enjoy the bookmark!"
    assert desk.parcel.plan.note.text == "Dear Anna, thank you and enjoy the bookmark."
    told = desk.tell()[-1]
    assert "Add: caramel; tea sample; candle" in told
    assert "Enjoy the bookmark!" in told


def test_a_note_can_be_written_where_there_was_none(app: App, wire: ShopWire) -> None:
    desk = Desk(app, wire, add_installed_shop(app, toml=a_program(notes=[]))).order()
    assert desk.note == ""
    desk.do(edit_note, text="Thank you!")
    assert desk.tell()[-1].endswith("Thank you!\n\nBest regards\nMira")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (" \n\x00\n", WhyNotChanged.NO_TEXT),
        ("x" * 2001, WhyNotChanged.TEXT_TOO_LONG),
        ("Dear Anna, thank you and enjoy the bookmark.", WhyNotChanged.SAME_TEXT),
    ],
    ids=["empty", "too long", "the same"],
)
def test_a_text_that_is_no_note_is_refused(desk: Desk, text: str, refusal: WhyNotChanged) -> None:
    assert why(lambda: desk.do(edit_note, text=text)) is refusal
    assert desk.parcel.revision == 0


def test_a_note_that_a_colleague_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    desk.do(edit_note, text="By Tom", by=TOM, revision=0)
    assert why(lambda: desk.do(edit_note, text="By Mira", revision=0)) is WhyNotChanged.STALE
    desk.do(edit_note, text="By Mira", revision=1)
    assert desk.note == "By Mira"


def test_nobody_writes_to_customers_who_want_nothing_or_were_erased(desk: Desk) -> None:
    desk.excludes("no-inserts")
    assert why(lambda: desk.do(edit_note, text="Hello")) is WhyNotChanged.NO_INSERTS
    with desk.app.database.write() as db:
        erase_customer(db, desk.shop.id, desk.parcel.customer_id, now=NOW)
    for change in (
        lambda: desk.do(edit_note, text="Hello"),
        lambda: desk.do(add_extra, "sweet"),
        desk.exchange,
    ):
        assert why(change) is WhyNotChanged.ERASED
    desk.do(pack_parcel)


# ---- Taking out, skipping, packing, undoing


def test_an_extra_is_taken_out_with_a_reason_and_nothing_comes_instead(desk: Desk) -> None:
    change = desk.do(take_out_item, desk.item("bookmark"), reason="other", words="  torn \n corner ")
    assert desk.inside == ["caramel"]
    assert (change.detail["reason"], change.detail["words"]) == ("other", "torn corner")
    assert desk.stock("bookmark") == 10


def test_a_skipped_parcel_gives_everything_back(desk: Desk) -> None:
    desk.do(skip_parcel, reason="no_room")
    assert (desk.parcel.state, desk.parcel.closed_why, desk.inside) == ("skipped", "no_room", [])
    assert (desk.stock("caramel"), desk.stock("bookmark")) == (100, 10)


@pytest.mark.parametrize(
    ("reason", "words", "refusal"),
    [
        ("", "", WhyNotChanged.NO_REASON),
        ("because", "", WhyNotChanged.NO_REASON),
        ("other", " ", WhyNotChanged.NO_WORDS),
        ("fragile", "x" * 301, WhyNotChanged.TEXT_TOO_LONG),
    ],
)
def test_skipping_needs_a_reason(desk: Desk, reason: str, words: str, refusal: WhyNotChanged) -> None:
    assert why(lambda: desk.do(skip_parcel, reason=reason, words=words)) is refusal
    assert desk.parcel.state == "planned"


@pytest.mark.parametrize("reason", list(SkipReason))
def test_every_reason_is_kept(desk: Desk, reason: SkipReason) -> None:
    desk.do(skip_parcel, reason=reason, words="torn")
    assert desk.changes[0].detail["reason"] == reason


def test_a_packed_parcel_is_left_alone_by_staff_and_by_rounds(desk: Desk) -> None:
    desk.do(pack_parcel)
    assert (desk.parcel.state, {item.state for item in desk.items}) == ("packed", {"packed"})
    for change in (
        desk.exchange,
        lambda: desk.do(add_extra, "candle"),
        lambda: desk.do(edit_note, text="x"),
        lambda: desk.do(skip_parcel, reason="fragile"),
        lambda: desk.do(pack_parcel),
    ):
        assert why(change) is WhyNotChanged.PACKED
    desk.wire.change_order(desk.order_id, status="CANCELED", updatedAt=LATER)
    reward_order(desk.app, desk.shop, desk.order_id)
    assert desk.parcel.state == "packed"


def test_nothing_goes_out_that_the_customer_does_not_want_by_now(desk: Desk) -> None:
    desk.exchange()
    desk.excludes("caffeine")
    with pytest.raises(CannotChange) as refused:
        desk.do(pack_parcel)
    assert (refused.value.why, refused.value.extra_id) == (WhyNotChanged.EXCLUDED, "tea")
    desk.do(take_out_item, desk.item("tea"), reason="customer_asked")
    desk.do(pack_parcel)


def test_packed_is_undone(desk: Desk) -> None:
    desk.do(pack_parcel)
    desk.do(reopen_parcel)
    assert (desk.parcel.state, desk.parcel.closed_at, desk.inside) == ("planned", None, ["caramel", "bookmark"])
    desk.exchange()
    assert [change.kind for change in desk.changes] == ["exchanged", "reopened", "packed"]


def test_skipped_is_undone_with_all_that_still_may_be_in(desk: Desk) -> None:
    desk.do(add_extra, "candle")
    desk.exchange()
    desk.do(skip_parcel, reason="no_room")
    desk.count("tea", 0)
    change = desk.do(reopen_parcel)
    assert desk.inside == ["caramel", "candle"]
    assert change.detail == {"was": "skipped", "left_out": {"tea": "out_of_stock"}}
    assert (desk.stock("caramel"), desk.stock("candle"), desk.stock("bookmark")) == (99, 9, 10)
    assert [extra.extra_id for extra in desk.parcel.plan.extras.chosen] == ["caramel", "candle"]


def test_a_budget_is_not_stretched_by_skipping_and_undoing(desk: Desk) -> None:
    first = desk.do(add_extra, "candle").parcel_id
    desk.do(skip_parcel, reason="no_room")
    desk.order(2)
    desk.do(add_extra, "candle")
    reopened = reopen_parcel(desk.app, desk.shop, first, by=MIRA, wish=str(uuid4()))
    assert reopened.detail["left_out"] == {"bookmark": "received_lately", "candle": "budget_by_hand"}


def test_nothing_is_undone_once_the_order_is_on_its_way_or_fell_through(desk: Desk) -> None:
    assert why(lambda: desk.do(reopen_parcel)) is WhyNotChanged.NOT_CLOSED
    desk.do(pack_parcel)
    desk.wire.change_order(desk.order_id, status="FULFILLED", updatedAt=LATER)
    reward_order(desk.app, desk.shop, desk.order_id)
    assert why(lambda: desk.do(reopen_parcel)) is WhyNotChanged.SHIPPED
    desk.order(2)
    desk.wire.change_order(desk.order_id, status="CANCELED", updatedAt=LATER)
    reward_order(desk.app, desk.shop, desk.order_id)
    for change in (lambda: desk.do(reopen_parcel), lambda: desk.do(pack_parcel)):
        assert why(change) is WhyNotChanged.FELL_THROUGH


def test_a_skipped_parcel_whose_order_falls_through_stays_skipped(desk: Desk) -> None:
    desk.do(skip_parcel, reason="fragile")
    desk.wire.change_order(desk.order_id, status="CANCELED", updatedAt=LATER)
    reward_order(desk.app, desk.shop, desk.order_id)
    assert desk.parcel.state == "skipped"
    assert why(lambda: desk.do(reopen_parcel)) is WhyNotChanged.FELL_THROUGH


# ---- Sent twice, by two people, by a stranger


def test_the_same_wish_sent_twice_is_done_once_and_returns_the_same(desk: Desk) -> None:
    wish, item = str(uuid4()), desk.item("bookmark")
    first = desk.do(exchange_item, item, wish=wish)
    assert desk.do(exchange_item, item, wish=wish.upper(), by=TOM) == first
    assert (desk.parcel.revision, len(desk.changes), desk.inside) == (1, 1, ["caramel", "tea"])


def test_two_at_the_same_moment_with_one_wish_do_it_once(desk: Desk) -> None:
    wish, results = str(uuid4()), []
    both = [threading.Thread(target=lambda: results.append(desk.do(add_extra, "candle", wish=wish))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert results[0] == results[1]
    assert (desk.inside.count("candle"), desk.stock("candle")) == (1, 9)


def test_a_wish_is_for_one_thing(desk: Desk) -> None:
    wish = str(uuid4())
    desk.do(pack_parcel, wish=wish)
    assert why(lambda: desk.do(reopen_parcel, wish=wish)) is WhyNotChanged.NO_WISH
    assert why(lambda: desk.do(reopen_parcel, wish="again")) is WhyNotChanged.NO_WISH


def test_another_shops_parcel_and_item_are_not_found(desk: Desk, app: App, wire: ShopWire) -> None:
    other = add_installed_shop(app, toml=a_program(), saleor_api_url="https://other.example.com/graphql/")
    with pytest.raises(LookupError):
        pack_parcel(app, other, desk.parcel.id, by=MIRA, wish=str(uuid4()))
    second = Desk(app, wire, desk.shop).order(2)
    with pytest.raises(LookupError):
        desk.do(exchange_item, second.items[-1].id)
    with app.database.read() as db:
        assert db.execute(select(func.count()).select_from(changes_table)).scalar_one() == 0


# ---- The order-line option


def test_what_stands_in_the_order_as_a_line_stays_and_the_rest_can_be_changed(app: App, wire: ShopWire) -> None:
    toml = a_program(delivery={"default-channel": {"by": "order_line"}})
    desk = Desk(app, wire, add_installed_shop(app, toml=toml)).order(status="UNCONFIRMED")
    add_order_lines(app, desk.shop, desk.order_id)
    assert len(wire.lines[desk.order_id]) == 1
    for change in (
        desk.exchange,
        lambda: desk.do(take_out_item, desk.item("bookmark"), reason="fragile"),
        lambda: desk.do(skip_parcel, reason="fragile"),
    ):
        assert why(change) is WhyNotChanged.LINE_STANDS
    desk.do(take_out_item, desk.item("caramel"), reason="looked_wrong")
    desk.do(pack_parcel)


def test_an_extra_that_was_told_by_note_instead_of_a_line_can_be_exchanged(app: App, wire: ShopWire) -> None:
    toml = a_program(delivery={"default-channel": {"by": "order_line"}})
    desk = Desk(app, wire, add_installed_shop(app, toml=toml)).order()  # confirmed: no lines any more
    add_order_lines(app, desk.shop, desk.order_id)
    desk.exchange()
    assert desk.inside == ["caramel", "tea"]


def test_an_extra_taken_out_meanwhile_gets_no_line(app: App, wire: ShopWire) -> None:
    toml = a_program(delivery={"default-channel": {"by": "order_line"}})
    desk = Desk(app, wire, add_installed_shop(app, toml=toml)).order(status="UNCONFIRMED")
    desk.do(take_out_item, desk.item("bookmark"), reason="fragile")
    add_order_lines(app, desk.shop, desk.order_id)
    assert wire.lines[desk.order_id] == []


# ---- Telling the shop


def heads(notes: list[str]) -> list[str]:
    return [note.splitlines()[0].rpartition(" · ")[2] for note in notes]


def test_a_change_after_the_note_is_told_once_with_all_that_is_in_now(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.exchange()
    for _ in range(3):
        clock.pass_time(minutes=1)
        desk.tell()
    first, second = desk.tell()
    assert heads([first, second]) == ["Silver", "changed (1)"]
    assert second.splitlines()[1:3] == ["This replaces what was noted before.", "Add: caramel; tea sample"]
    assert "enjoy the tea sample" in second
    assert desk.wire.metadata[desk.order_id]["best-regards.extras"] == "caramel, tea"


def test_a_change_before_the_note_is_told_with_the_note(desk: Desk) -> None:
    desk.exchange()
    (only,) = desk.tell()
    assert heads([only]) == ["Silver"]
    assert "Add: caramel; tea sample" in only
    assert len(desk.tell()) == 1


def test_a_change_that_was_changed_back_is_not_told(desk: Desk) -> None:
    desk.tell()
    desk.exchange()
    desk.exchange("tea", instead="bookmark")
    assert len(desk.tell()) == 1


def test_packed_is_mirrored_and_needs_no_further_note(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.do(pack_parcel)
    clock.at += UNDO
    assert len(desk.tell()) == 1
    assert desk.wire.metadata[desk.order_id]["best-regards.state"] == "packed"
    desk.do(reopen_parcel)
    assert len(desk.tell()) == 1
    assert desk.wire.metadata[desk.order_id]["best-regards.state"] == "planned"


def test_skipped_tells_packers_to_put_everything_back_and_undone_tells_what_is_in(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.do(skip_parcel, reason="other", words="the box is full")
    clock.at += UNDO
    skipped = desk.tell()[-1]
    assert "put back what is already laid out. Reason: the box is full." in skipped
    assert desk.wire.metadata[desk.order_id]["best-regards.state"] == "skipped"
    assert desk.wire.metadata[desk.order_id]["best-regards.extras"] == ""
    desk.do(reopen_parcel)
    notes = desk.tell()
    assert heads(notes) == ["Silver", "changed (1)", "changed (2)"]
    assert "Add: caramel; bookmark" in notes[-1]


def test_a_parcel_skipped_before_it_was_told_is_not_mentioned_in_a_note(desk: Desk) -> None:
    desk.do(skip_parcel, reason="fragile")
    assert desk.tell() == []


def test_a_changed_parcel_that_falls_through_is_taken_back(desk: Desk) -> None:
    desk.tell()
    desk.exchange()
    desk.tell()
    desk.wire.change_order(desk.order_id, status="CANCELED", updatedAt=LATER)
    reward_order(desk.app, desk.shop, desk.order_id)
    desk.tell()
    assert heads(desk.tell()) == ["Silver", "changed (1)", "cancelled"]


def test_a_change_whose_answer_was_lost_is_found_and_not_told_twice(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.exchange()
    desk.wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        desk.tell()
    with pytest.raises(TryAgain):
        desk.tell()  # not settled yet
    clock.pass_time(seconds=SETTLED)
    desk.tell()
    assert heads(desk.tell()) == ["Silver", "changed (1)"]


def test_a_change_that_never_arrived_is_told_after_a_look_and_with_what_was_changed_since(
    desk: Desk, clock: Clock
) -> None:
    desk.tell()
    desk.exchange()
    desk.wire.next_time("TellShop", down)
    with pytest.raises(TryAgain):
        desk.tell()
    desk.do(add_extra, "candle")
    clock.pass_time(seconds=SETTLED)
    assert heads(desk.tell()) == ["Silver", "changed (1)"]
    assert "Add: caramel; tea sample; candle" in desk.tell()[-1]


def test_a_change_while_another_is_in_the_dark_becomes_one_more_note(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.exchange()
    desk.wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        desk.tell()
    desk.do(add_extra, "candle")
    clock.pass_time(seconds=SETTLED)
    assert heads(desk.tell()) == ["Silver", "changed (1)", "changed (2)"]
    assert len(desk.tell()) == 3


def test_the_first_note_in_the_dark_is_found_and_the_change_is_told_after_it(desk: Desk, clock: Clock) -> None:
    desk.wire.next_time("TellShop", answer_lost)
    with pytest.raises(TryAgain):
        desk.tell()
    desk.exchange()
    clock.pass_time(seconds=SETTLED)
    assert heads(desk.tell()) == ["Silver", "changed (1)"]


def test_a_refused_change_waits_for_a_person_and_is_told_then(desk: Desk, clock: Clock) -> None:
    desk.tell()
    desk.exchange()
    desk.wire.next_time("TellShop", refusing("note", message="No."))
    with pytest.raises(HumanMustAct):
        desk.tell()
    clock.pass_time(seconds=SETTLED)
    assert heads(desk.tell()) == ["Silver", "changed (1)"]


def test_a_crash_between_the_call_and_the_mark_tells_it_once(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tell()
    desk.exchange()
    with monkeypatch.context() as patched:

        def crash(*_args: Any, **_more: Any) -> None:
            raise RuntimeError("power cut")

        patched.setattr(effects, "end_effect", crash)
        with pytest.raises(RuntimeError):
            desk.tell()
    clock.pass_time(seconds=SETTLED)
    desk.tell()
    assert heads(desk.tell()) == ["Silver", "changed (1)"]


def test_in_rehearsal_parcels_can_be_changed_and_nothing_is_told_or_taken(app: App, wire: ShopWire) -> None:
    desk = Desk(app, wire, add_installed_shop(app, toml=a_program(), mode=REHEARSAL)).order()
    desk.exchange()
    desk.do(add_extra, "candle")
    desk.do(skip_parcel, reason="fragile")
    desk.do(reopen_parcel)
    desk.do(pack_parcel)
    assert desk.tell() == []
    assert desk.wire.metadata[desk.order_id] == {}
    assert [desk.stock(extra) for extra in ("caramel", "bookmark", "tea", "candle")] == [100, 10, 10, 10]
