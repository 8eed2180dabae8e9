"""What keeps something from being printed, in the merchant's words, found before a page is made.

English is the source; the German words stand in `locale/de/print.po`. `_` marks a sentence for the catalogue.
"""

from dataclasses import dataclass
from enum import StrEnum

from saleor_loyalty_app.domain.language import translations


def _(sentence: str) -> str:
    return sentence


class PrintTrouble(StrEnum):
    """Why something can't be printed."""

    MISSING_LETTERS = "missing_letters"
    """No font has some of its letters; `detail` names them, separated by blanks."""
    TOO_LONG = "too_long"
    """It does not fit, even in the smallest size that is still pleasant to read."""
    LABEL_TOO_LONG = "label_too_long"
    """The same for a label."""
    NO_TEXT = "no_text"
    BROKEN_PICTURE = "broken_picture"
    """`detail` is which one: motif, logo or signature."""
    BROKEN_TEMPLATE = "broken_template"
    """A template of the operator's can't be set; `detail` is the file with line and column, and what is wrong."""


SENTENCES = {
    PrintTrouble.MISSING_LETTERS: _(
        "Our fonts have no picture for these letters: %(detail)s. "
        "Please write it without them, or ask your operator to add a font that has them."
    ),
    PrintTrouble.TOO_LONG: _("The text is too long for this card. Please shorten it, or choose a larger card."),
    PrintTrouble.LABEL_TOO_LONG: _(
        "The text is too long for this label. Please shorten it, or choose a sheet with larger labels."
    ),
    PrintTrouble.NO_TEXT: _("There are no words yet. Please write some."),
    PrintTrouble.BROKEN_PICTURE: _("This picture can't be printed: %(detail)s. Please upload it once more."),
    PrintTrouble.BROKEN_TEMPLATE: _(
        "A print template has a mistake, so nothing can be printed. Please show this to your operator: %(detail)s"
    ),
}


PICTURES = {"motif": _("the motif"), "logo": _("the logo"), "signature": _("the signature")}


@dataclass(frozen=True, slots=True)
class PrintProblem:
    """One thing that keeps something from being printed."""

    code: str
    """The parcel's code; empty when it is about no single one."""
    why: PrintTrouble
    detail: str = ""

    def said(self, locale: str) -> str:
        """What is wrong and what to do, without the code."""
        said = translations(locale).gettext
        detail = said(PICTURES[self.detail]) if self.detail in PICTURES else self.detail
        return said(SENTENCES[self.why]) % {"detail": detail}

    def sentence(self, locale: str) -> str:
        """The same with the parcel's code in front: "BR-7K2Q: The text is too long …"."""
        return f"{self.code}: {self.said(locale)}" if self.code else self.said(locale)
