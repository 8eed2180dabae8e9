"""Pages of one kind for some parcels: the words are put together and typeset; for some kinds the shop is asked.

What can't be typeset is left out by name, and the others are: a card is never cut off.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from saleor_loyalty_app.domain.parcel_sentences import extra_name
from saleor_loyalty_app.domain.print_jobs import LeftOut, NoteState, Printable, PrintKind, WhyLeftOut, wants_nothing
from saleor_loyalty_app.domain.print_problems import SENTENCES
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.printing.addresses import address_lines
from saleor_loyalty_app.printing.cards import Card, cards_pdf
from saleor_loyalty_app.printing.copy_sheets import CopySheet, copy_sheets_pdf
from saleor_loyalty_app.printing.labels import AddressLabel, ExtraLabel, labels_pdf
from saleor_loyalty_app.printing.plain_words import plain_line
from saleor_loyalty_app.printing.slips import Slip, SlipExtra, SlipLine, slips_pdf
from saleor_loyalty_app.printing.typesetting import CannotPrint, Look
from saleor_loyalty_app.saleor.errors import HumanMustAct
from saleor_loyalty_app.saleor.packing_lists import PackingList
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.decide_tier import current_program
from saleor_loyalty_app.services.read_packing_lists import read_packing_lists
from saleor_loyalty_app.store import print_lists
from saleor_loyalty_app.store.print_lists import PrintedItem
from saleor_loyalty_app.store.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A PDF, None when nothing is left to print, and what is not in it."""

    pdf: bytes | None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What pages are made with, beside the parcels: the rules in force, the look, and where labels begin."""

    app: App
    shop: Shop
    program: Program
    look: Look
    first_place: int


def make_pages(
    app: App, shop: Shop, kind: PrintKind, found: Sequence[Printable], look: Look, *, first_place: int = 1
) -> Pages:
    """Typeset what our own tables have nothing against; labels from `first_place` of their sheet on.

    Raises TryAgain, Denied or HumanMustAct when the shop can't be asked, and HumanMustAct when the look itself is
    broken, such as by a mistake in a template.
    """
    with app.database.read() as db:
        program = current_program(db, shop)
    return MAKERS[kind](Setting(app, shop, program, look, first_place), found)


def card_of(one: Printable) -> Card:
    """The card of a parcel."""
    return Card(code=one.code, text=one.text, sign_off=one.sign_off, sender=one.sender, language=one.language)


def copy_sheet_of(one: Printable, staff_language: str) -> CopySheet:
    """The sheet from which somebody copies a card by hand."""
    return CopySheet(
        code=one.code, order_number=one.order_number, customer_name=one.name, text=one.text, sign_off=one.sign_off,
        sender=one.sender, language=one.language, staff_language=staff_language,
    )  # fmt: skip


# ---- Of each kind


def _cards(setting: Setting, found: Sequence[Printable]) -> Pages:
    return _typeset(found, lambda some: cards_pdf([card_of(one) for one in some], setting.look))


def _copy_sheets(setting: Setting, found: Sequence[Printable]) -> Pages:
    spoken = setting.program.languages[0]
    return _typeset(found, lambda some: copy_sheets_pdf([copy_sheet_of(one, spoken) for one in some], setting.look))


def _slips(setting: Setting, found: Sequence[Printable]) -> Pages:
    ids = [one.parcel_id for one in found]
    with setting.app.database.read() as db:
        inside = print_lists.items_inside(db, setting.shop.id, ids)
        services = print_lists.services_of(db, setting.shop.id, ids)
    packing = _asked(setting, found, prices=setting.look.stationery.slip_prices)
    fine, out = _apart(found, lambda one: None if one.order_id in packing else WhyLeftOut.ORDER_GONE)
    slips = {
        one.parcel_id: _slip(
            one, packing[one.order_id], inside[one.parcel_id], services[one.parcel_id], setting.program
        )
        for one in fine
    }  # fmt: skip
    pages = _typeset(fine, lambda some: slips_pdf([slips[one.parcel_id] for one in some], setting.look))
    return Pages(pdf=pages.pdf, left_out=(*out, *pages.left_out))


def _extra_labels(setting: Setting, found: Sequence[Printable]) -> Pages:
    with setting.app.database.read() as db:
        inside = print_lists.items_inside(db, setting.shop.id, [one.parcel_id for one in found])
    labels = {one.parcel_id: _labels(one, inside[one.parcel_id], setting.program) for one in found}
    return _typeset(
        found,
        lambda some: _on_sheets(setting, [label for one in some for label in labels[one.parcel_id]]),
        named=lambda one: {plain_line(label.name)[:40] for label in labels[one.parcel_id]},
    )


def _address_labels(setting: Setting, found: Sequence[Printable]) -> Pages:
    packing = _asked(setting, found)

    def why_not(one: Printable) -> WhyLeftOut | None:
        if one.order_id not in packing:
            return WhyLeftOut.ORDER_GONE
        return None if packing[one.order_id].address else WhyLeftOut.NO_ADDRESS

    def label(one: Printable) -> AddressLabel:
        return AddressLabel(code=one.code, lines=_address(packing[one.order_id], setting.look))

    fine, out = _apart(found, why_not)
    pages = _typeset(fine, lambda some: _on_sheets(setting, [label(one) for one in some]))
    return Pages(pdf=pages.pdf, left_out=(*out, *pages.left_out))


MAKERS: Mapping[PrintKind, Callable[[Setting, Sequence[Printable]], Pages]] = {
    PrintKind.CARDS: _cards,
    PrintKind.COPY_SHEETS: _copy_sheets,
    PrintKind.SLIPS: _slips,
    PrintKind.EXTRA_LABELS: _extra_labels,
    PrintKind.ADDRESS_LABELS: _address_labels,
}


# ---- What stands on them


def _slip(
    one: Printable, packing: PackingList, inside: Sequence[PrintedItem], services: Sequence[str], program: Program
) -> Slip:
    spoken = program.languages[0]
    gets_card = one.note_state != NoteState.CANCELLED and not wants_nothing(one.exclusions)
    note = {"note": one.text, "sign_off": one.sign_off, "sender": one.sender} if gets_card else {}
    wishes = [word.replace("-", " ") for word in one.exclusions]
    return Slip(
        code=one.code, order_number=packing.number, language=packing.language, staff_language=spoken,
        currency=packing.currency, ordered_on=local_day(packing.placed_at, program.zone),
        lines=tuple(
            SlipLine(
                product=line.product, variant=line.variant, sku=line.sku, quantity=line.quantity, total=line.total
            )
            for line in packing.lines
        ),
        shipping_method=packing.shipping_method, subtotal=packing.subtotal, shipping=packing.shipping,
        total=packing.total, address=tuple(address_lines(packing.address)) if packing.address else (),
        customer_name=one.name, extras=tuple(_extra(item, program) for item in inside), services=tuple(services),
        wishes=(*wishes, *([packing.customer_note] if packing.customer_note else [])), **note,
    )  # fmt: skip


def _extra(item: PrintedItem, program: Program) -> SlipExtra:
    known = program.extra(item.extra_id)
    name = extra_name(item.extra_id, program, program.languages[0])
    return SlipExtra(name=name, shelf=known.shelf if known else "")


def _labels(one: Printable, inside: Sequence[PrintedItem], program: Program) -> list[ExtraLabel]:
    """A label for each extra: what it is, and which order it belongs to."""
    spoken = program.languages[0]
    return [
        ExtraLabel(name=extra_name(item.extra_id, program, spoken), detail=f"#{one.order_number} · {one.code}")
        for item in inside
    ]


def _address(packing: PackingList, look: Look) -> tuple[str, ...]:
    return tuple(address_lines(packing.address, from_country=look.stationery.from_country)) if packing.address else ()


def _on_sheets(setting: Setting, labels: Sequence[ExtraLabel | AddressLabel]) -> bytes:
    return labels_pdf(labels, setting.look.stationery.label_sheet, setting.first_place, setting.look)


def _asked(setting: Setting, found: Sequence[Printable], *, prices: bool = False) -> dict[str, PackingList]:
    ids = [one.order_id for one in found]
    return read_packing_lists(setting.app, setting.shop, ids, addresses=True, prices=prices)


# ---- What can't be printed


def _apart(
    found: Sequence[Printable], why_not: Callable[[Printable], WhyLeftOut | None]
) -> tuple[list[Printable], tuple[LeftOut, ...]]:
    whys = [(one, why_not(one)) for one in found]
    out = tuple(LeftOut(parcel_id=one.parcel_id, why=why) for one, why in whys if why)
    return [one for one, why in whys if why is None], out


def _typeset(
    found: Sequence[Printable],
    pdf_of: Callable[[Sequence[Printable]], bytes],
    named: Callable[[Printable], Collection[str]] = lambda one: (one.code,),
) -> Pages:
    """Typeset all that can be; what a problem names is left out with it, and the others are tried again."""
    left, out = list(found), dict[int, LeftOut]()
    while left:
        try:
            return Pages(pdf=pdf_of(left), left_out=tuple(out.values()))
        except CannotPrint as refused:
            for problem in refused.problems:
                meant = [one for one in left if problem.code in named(one)]
                if not meant or problem.why.value not in set(map(str, WhyLeftOut)):
                    raise HumanMustAct(Saying(SENTENCES[problem.why], detail=problem.detail)) from refused
                why = WhyLeftOut(problem.why)
                out |= {
                    one.parcel_id: LeftOut(parcel_id=one.parcel_id, why=why, detail=problem.detail) for one in meant
                }
            left = [one for one in left if one.parcel_id not in out]
    return Pages(pdf=None, left_out=tuple(out.values()))
