"""What can go wrong at the shop's door: try again later, or a human must act. There is no third way.

Each carries what to tell people, in the merchant's words: what is wrong, and what to do about it.
"""

import re

from saleor_loyalty_app.domain.saying import Saying
from saleor_loyalty_app.saleor.refusals import denial


class TryAgain(Exception):
    """May pass by itself. `wait_seconds` is the least time to wait, 0 when the caller may choose.

    `outcome_unknown` says that the request may have been carried out all the same: look before acting again.
    """

    def __init__(self, saying: Saying, *, wait_seconds: float = 0, outcome_unknown: bool = False) -> None:
        super().__init__(str(saying))
        self.saying = saying
        self.wait_seconds = wait_seconds
        self.outcome_unknown = outcome_unknown


class HumanMustAct(Exception):
    """Will not pass by itself."""

    def __init__(self, saying: Saying) -> None:
        super().__init__(str(saying))
        self.saying = saying


class Denied(HumanMustAct):
    """The shop refused for want of a permission: taken away, or the app was deactivated or removed.

    Saleor answers all three alike (verified.md §10); who catches this asks `app` to tell them apart. `what` is what
    the shop was asked for, `needed` are the permissions of which one would do, as far as Saleor's message names them.
    """

    def __init__(self, what: Saying, message: str) -> None:
        self.what = what
        self.needed = tuple(re.findall(r"MANAGE_[A-Z_]+", message))
        super().__init__(denial(what, self.needed))
