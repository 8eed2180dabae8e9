"""Words of the print room that depend on data: why something is left out, and what was printed before."""

from saleor_loyalty_app.domain.parcel_sentences import extra_name
from saleor_loyalty_app.domain.print_jobs import LeftOut, NoteState, WhyLeftOut
from saleor_loyalty_app.domain.print_problems import PrintProblem, PrintTrouble
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.print_checks import Printed
from saleor_loyalty_app.web.words import gettext, locale, mark, moment, ngettext, staff

WHY_LEFT_OUT = {
    WhyLeftOut.NO_NOTE: mark("There is no note for this parcel."),
    WhyLeftOut.NOT_APPROVED: mark("Nobody has approved these words yet."),
    WhyLeftOut.NAMES_GONE: mark(
        "The note names %(extra)s, which is no longer in the parcel. Edit it, or approve it as it is."
    ),
    WhyLeftOut.ERASED: mark("The customer's data were erased."),
    WhyLeftOut.NO_INSERTS: mark("The customer wants nothing added."),
    WhyLeftOut.NO_EXTRAS: mark("There is no extra in this parcel."),
    WhyLeftOut.CANCELLED: mark("The parcel was cancelled with its order."),
    WhyLeftOut.SKIPPED: mark("The parcel was skipped."),
    WhyLeftOut.SHIPPED: mark("The parcel is already on its way."),
    WhyLeftOut.REHEARSAL: mark("It was planned in rehearsal, so nobody packs it."),
    WhyLeftOut.ORDER_GONE: mark("The shop no longer has this order."),
    WhyLeftOut.NO_ADDRESS: mark("The order has no address to send to."),
}
MENDED_ON_ITS_PAGE = {
    WhyLeftOut.NO_NOTE,
    WhyLeftOut.NOT_APPROVED,
    WhyLeftOut.NAMES_GONE,
    WhyLeftOut.MISSING_LETTERS,
    WhyLeftOut.TOO_LONG,
}
"""What a person can put right where the card is edited."""


def why_left_out(one: LeftOut, program: Program) -> str:
    """Why something is not on the pages, and what can be done."""
    if one.why.value in set(map(str, PrintTrouble)):
        return PrintProblem(code="", why=PrintTrouble(one.why), detail=one.detail).said(locale())
    name = extra_name(one.detail, program, locale()) if one.why is WhyLeftOut.NAMES_GONE else ""
    return gettext(WHY_LEFT_OUT[one.why]) % {"extra": name}


def printed_before(group: Printed, among: int) -> str:
    """What was printed before, by whom and when: "3 of these 25 were printed on … by …"."""
    count = len(group.parcel_ids)
    values = {"count": count, "among": among, "at": moment(group.at), "who": staff(group.by), "job": group.job}
    if group.state == NoteState.COPIED:
        words = ngettext(
            "%(count)s of these %(among)s was written by hand on %(at)s by %(who)s.",
            "%(count)s of these %(among)s were written by hand on %(at)s by %(who)s.",
            count,
        )
    elif group.state == "made":
        words = ngettext(
            "%(count)s of these %(among)s is on pages that nobody has downloaded yet: %(job)s of %(at)s by %(who)s.",
            "%(count)s of these %(among)s are on pages that nobody has downloaded yet: %(job)s of %(at)s by %(who)s.",
            count,
        )
    else:
        words = ngettext(
            "%(count)s of these %(among)s was printed on %(at)s by %(who)s.",
            "%(count)s of these %(among)s were printed on %(at)s by %(who)s.",
            count,
        )
    return words % values
