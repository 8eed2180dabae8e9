"""A shop's stationery: how its cards, slips, labels and sheets look. Every field has a default that can be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from saleor_loyalty_app.domain.language import translations

LONGEST_ADDRESS = 500
MOST_LINES = 8
LONGEST_LINE = 80


def _(words: str) -> str:
    return words


WORDS = {
    "string_pattern_mismatch": _("This can't be used; please choose again."),
    "literal_error": _("Please choose one of these."),
    "no_colour": _("A colour is written as # and six digits or letters from a to f, like #9f6b3f."),
    "greater_than_equal": _("Please give at least %(ge)s."),
    "less_than_equal": _("Please give at most %(le)s."),
    "int_type": _("Please give a whole number."),
    "no_address": _("Please give an address that begins with https:// or leave it empty."),
    "other_places": _("An address may have one place to fill in, written {code}; all other brackets must go."),
    "too_many_lines": _("Please use at most %(most)s lines."),
    "line_too_long": _("Please use at most %(most)s characters in a line."),
}
"""By pydantic's type of error, or by that of our own validators."""
SAME = {"int_parsing": "int_type", "int_from_float": "int_type"}
OTHERWISE = _("This can't be used as it is.")

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class Stationery(BaseModel):
    """What the merchant chose for printing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card_format: Literal["a6", "a7", "postcard", "folded", "four_on_a4"] = "a6"
    orientation: Literal["portrait", "landscape"] = "landscape"
    font: Slug = "caveat"
    """An id of `printing.fonts.fonts_to_choose`; where there is no such font any more, a clean one is used."""
    ink: Colour = "#1f2937"
    paper: Colour = "#ffffff"
    """Printed as a ground when it is not white."""
    accent: Colour = "#9f6b3f"
    motif_shows: int = Field(default=30, ge=0, le=100)
    """Percent: how strongly the motif shows behind the words."""
    logo_shows: bool = True
    signature_shows: bool = True
    crop_marks: bool = False
    """With 3 mm of bleed, for a print shop or a guillotine."""
    copy_size: int = Field(default=20, ge=12, le=36)
    """Points: the letters on the sheet for copying by hand."""
    slip_prices: bool = False
    slip_code: bool = True
    """The order number as a barcode on the packing slip."""
    answer_url: str = ""
    """Where a customer can answer, as a QR code on the slip: an https address with {code} for the parcel's code."""
    return_address: tuple[str, ...] = ()
    from_country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    """Where parcels are sent from (ISO 3166): of an address there the country is not written on the label."""
    label_sheet: Slug = "avery-l7160"
    """An id of `printing.label_sheets.SHEETS`."""
    sheet_paper: Literal["a4", "a5", "letter"] = "a4"

    @field_validator("ink", "paper", "accent", mode="before")
    @classmethod
    def _colours_are_small(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("answer_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if (
            parts.scheme != "https"
            or not parts.hostname
            or len(value) > LONGEST_ADDRESS
            or any(map(str.isspace, value))
        ):
            raise PydanticCustomError("no_address", "no https address")
        if set("{}") & set(value.replace("{code}", "", 1)):
            raise PydanticCustomError("other_places", "places other than {{code}}")
        return value

    @field_validator("return_address")
    @classmethod
    def _fits_a_label(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        if len(lines) > MOST_LINES:
            raise PydanticCustomError("too_many_lines", "too many lines", {"most": MOST_LINES})
        if any(len(line) > LONGEST_LINE for line in lines):
            raise PydanticCustomError("line_too_long", "a line is too long", {"most": LONGEST_LINE})
        return lines


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field."""

    field: str
    words: str
    """The English sentence with %(name)s places, if there are values."""
    values: dict[str, Any] = field_of(default_factory=dict, hash=False)

    def said(self, locale: str) -> str:
        """What is wrong and what to do, in the merchant's words."""
        return translations(locale).gettext(self.words) % self.values


class StationeryProblem(ValueError):
    """Stationery that can't be used; `problems` are all of its mistakes, by field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.said('en')}" for problem in problems))
        self.problems = problems


def read_stationery(data: Mapping[str, Any]) -> Stationery:
    """Stationery from a form's or the database's plain data. Raises StationeryProblem."""
    try:
        return Stationery.model_validate(dict(data))
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        problems = (_problem(error["loc"], error["type"], error.get("ctx", {})) for error in errors)
        raise StationeryProblem(*problems) from None


def _problem(place: tuple[int | str, ...], kind: str, values: dict[str, Any]) -> FieldProblem:
    name = str(place[0])
    if name in {"ink", "paper", "accent"}:
        kind = "no_colour"
    return FieldProblem(name, WORDS.get(SAME.get(kind, kind), OTHERWISE), values)
