"""What goes wrong on purpose: late, doubled and shuffled webhooks; an API that is slow, busy or broken.

Everything is drawn from one seeded source, so the same seed brings the same trouble to the same calls.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from threading import Lock

KINDS = ("500", "429", "cut", "stall", "broken-json", "errors-beside-data")


@dataclass(frozen=True, slots=True)
class Mischief:
    """How much goes wrong. Rates are shares from 0 to 1; seconds are (least, most) and are not scaled.

    duplicate_rate is the share of webhooks that are sent again though they arrived, up to most_copies in all.
    effect_before_failure is the share of failing calls that are carried out before they fail, which
    leaves the caller with an unknown outcome.
    """

    seed: int = 0
    delivery_delay_seconds: tuple[float, float] = (0.0, 0.0)
    duplicate_rate: float = 0.0
    most_copies: int = 2
    shuffle: bool = False
    api_delay_seconds: tuple[float, float] = (0.0, 0.0)
    server_error_rate: float = 0.0
    too_many_requests_rate: float = 0.0
    retry_after_seconds: int = 60
    cut_rate: float = 0.0
    stall_rate: float = 0.0
    stall_seconds: float = 20.0
    broken_json_rate: float = 0.0
    errors_beside_data_rate: float = 0.0
    effect_before_failure: float = 0.5


CALM = Mischief()
AS_RECORDED = Mischief(delivery_delay_seconds=(0.4, 2.8), shuffle=True, api_delay_seconds=(0.03, 0.25))


@dataclass(frozen=True, slots=True)
class Trouble:
    """One call's fate: what kind of failure, if any, and whether the call is carried out before it fails."""

    kind: str | None = None
    after_effect: bool = False
    wait_seconds: float = 0.0


@dataclass(slots=True)
class Fate:
    """Draws what happens to each call and each delivery; failures can also be ordered beforehand."""

    mischief: Mischief = CALM
    _random: random.Random = field(init=False)
    _ordered: deque[tuple[str, bool, str | None]] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Seed the source."""
        self._random = random.Random(self.mischief.seed)  # noqa: S311 - chance for play

    def change(self, mischief: Mischief) -> None:
        """Play by other rules from now on, beginning at their seed."""
        with self._lock:
            self.mischief = mischief
            self._random = random.Random(mischief.seed)  # noqa: S311 - chance for play

    def fail_next(self, kind: str, *, times: int = 1, operation: str | None = None, after_effect: bool = False) -> None:
        """Let the next calls (of one operation, when named) fail in a certain way; kinds are in KINDS."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}.")
        with self._lock:
            self._ordered.extend([(kind, after_effect, operation)] * times)

    def of_call(self, operation: str | None) -> Trouble:
        """What becomes of an API call that runs a named operation."""
        with self._lock:
            wait = self._random.uniform(*self.mischief.api_delay_seconds)
            for ordered in self._ordered:
                if ordered[2] in (None, operation):
                    self._ordered.remove(ordered)
                    return Trouble(ordered[0], ordered[1], wait)
            return Trouble(self._drawn_kind(), self._random.random() < self.mischief.effect_before_failure, wait)

    def delivery_delay_seconds(self) -> float:
        """How long a webhook is held back; shuffling spreads deliveries out beyond the usual delay."""
        with self._lock:
            least, most = self.mischief.delivery_delay_seconds
            spread = max(most, 0.05) if self.mischief.shuffle else 0.0
            return self._random.uniform(least, most) + self._random.uniform(0, spread)

    def more_copies(self) -> int:
        """How often a webhook that arrived is sent again."""
        with self._lock:
            rules = self.mischief
            return self._random.randint(1, rules.most_copies - 1) if self._random.random() < rules.duplicate_rate else 0

    def _drawn_kind(self) -> str | None:
        rules = self.mischief
        rates = (
            rules.server_error_rate,
            rules.too_many_requests_rate,
            rules.cut_rate,
            rules.stall_rate,
            rules.broken_json_rate,
            rules.errors_beside_data_rate,
        )
        draw = self._random.random()
        for kind, rate in zip(KINDS, rates, strict=True):
            if draw < rate:
                return kind
            draw -= rate
        return None
