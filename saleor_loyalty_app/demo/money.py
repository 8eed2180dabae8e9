"""Amounts: Decimal with the precision of their currency, net and gross side by side."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

ZERO = Decimal(0)
_DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount in the precision of its currency, half up as Saleor does."""
    return amount.quantize(Decimal(1).scaleb(-_DECIMALS.get(currency, 2)), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """One amount; its field names are those of the API."""

    TYPE: ClassVar[str] = "Money"
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class TaxedMoney:
    """An amount with and without tax."""

    TYPE: ClassVar[str] = "TaxedMoney"
    gross: Money
    net: Money

    @property
    def currency(self) -> str:
        """The currency of both sides."""
        return self.gross.currency

    @property
    def tax(self) -> Money:
        """What lies between gross and net."""
        return Money(self.gross.amount - self.net.amount, self.gross.currency)


def taxed(entered: Decimal, *, rate: Decimal, entered_with_tax: bool, currency: str) -> TaxedMoney:
    """A price as entered in the catalogue, with the tax taken out of it or put on top.

    rate is a share (0.19); entered_with_tax says which of gross and net `entered` is.
    """
    entered = rounded(entered, currency)
    if entered_with_tax:
        return TaxedMoney(Money(entered, currency), Money(rounded(entered / (1 + rate), currency), currency))
    return TaxedMoney(Money(rounded(entered * (1 + rate), currency), currency), Money(entered, currency))
