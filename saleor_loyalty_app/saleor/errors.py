"""What can go wrong at the shop's door: try again later, or a human must act. There is no third way."""


class TryAgain(Exception):
    """May pass by itself. `wait_seconds` is the least time to wait, 0 when the caller may choose.

    `outcome_unknown` says that the request may have been carried out all the same: look before acting again.
    """

    def __init__(self, message: str, *, wait_seconds: float = 0, outcome_unknown: bool = False) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
        self.outcome_unknown = outcome_unknown


class HumanMustAct(Exception):
    """Will not pass by itself; the text says what is wrong and what to do, in the merchant's words."""


class Denied(HumanMustAct):
    """The shop refused for want of a permission: taken away, or the app was deactivated or removed.

    Saleor answers all three alike (verified.md §10); who catches this asks `app` to tell them apart.
    """
