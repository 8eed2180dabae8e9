"""What differs between two programs, in words, part by part."""

from dataclasses import dataclass

from saleor_loyalty_app.domain.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs: "Tier Gold, enter", "600.00 € or 10 orders in 365 days", "500.00 € …".

    `before` is empty for what was added, `after` for what was removed.
    """

    what: str
    before: str
    after: str


def differences(before: Program, after: Program, locale: str) -> list[Difference]:
    """What differs, in the order of the program's parts; empty when both mean the same."""
    raise NotImplementedError
