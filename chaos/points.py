"""Every named point of an order's story at which a process can be ended or stopped, from webhook to note.

The app holds no code for this. `chaos/inside/sitecustomize.py` wraps these functions in the app's own processes; a
stage arms one point at a time by a file, and the process that comes there first carries it out, once.
"""

import json
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = "CHAOS_FOLDER"
"""Environment: where the armed point and the clock are written down."""
INSIDE = Path(__file__).parent / "inside"
ARMED, CLOCK = "armed", "clock"


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after a function of the app is called; with `detail`, only when that stands among what it is given."""

    module: str
    function: str
    after: bool = False
    detail: str = ""

    @property
    def name(self) -> str:
        """For people: "after services.tell_shop.tell_shop (note)"."""
        place = f"{self.module.removeprefix('saleor_loyalty_app.')}.{self.function}"
        return f"{'after' if self.after else 'before'} {place}{f' ({self.detail})' if self.detail else ''}"


def _both(module: str, function: str, *details: str) -> tuple[Point, ...]:
    return tuple(
        Point(f"saleor_loyalty_app.{module}", function, after, detail)
        for detail in details or ("",)
        for after in (False, True)
    )


WEB = (
    *_both("services.receive_delivery", "Doorkeeper.receive"),
    *_both("services.keep_deliveries", "Keeper.keep"),
    *_both("store.inbox", "keep_all"),
)
WORKER = (
    *_both("services.do_work", "take_in"),
    *_both("store.inbox", "mark_taken"),
    *_both("store.work", "want", "order:"),
    *_both("services.do_work", "claim"),
    *_both("services.do_work", "do_step", "reward", "add_lines", "tell", "confirm"),
    *_both("saleor.client", "ShopClient._ask", "ReadOrder", "ReadOrderLineGuards", "OrderLinesCreate", "TellShop",
           "OrderConfirm"),
    *_both("services.reward_order", "keep_facts"),
    *_both("services.decide_tier", "decide_customer_tier"),
    *_both("services.plan_parcel", "plan_order_parcel"),
    *_both("store.parcels", "add_parcel"),
    *_both("store.stock", "take_piece"),
    *_both("store.effects", "take_effect", "note:planned", "line:"),
    *_both("saleor.client", "ReadyCall.ask_partly", "TellShop", "OrderLinesCreate"),
    *_both("store.effects", "end_effect", "note:planned", "line:", "lines", "confirm"),
    *_both("store.effects", "write_effect", "mirror:order"),
    *_both("store.parcels", "mark_told"),
    *_both("services.do_work", "end_round"),
    *_both("store.work", "end_round"),
    Point("sqlalchemy.engine.default", "DefaultDialect.do_commit", after=False),
    Point("sqlalchemy.engine.default", "DefaultDialect.do_commit", after=True),
)  # fmt: skip
POINTS = (*WEB, *WORKER)


def arm(folder: Path, point: Point, *, nth: int = 1, by: signal.Signals = signal.SIGKILL) -> None:
    """Let whoever comes to this point for the n-th time from now on be ended, or stopped with SIGSTOP."""
    draft = folder / "draft"
    draft.write_text(json.dumps({"point": asdict(point), "nth": nth, "signal": int(by)}))
    draft.rename(folder / ARMED)


def is_armed(folder: Path) -> bool:
    """Whether nobody has come there yet."""
    return (folder / ARMED).exists()


def disarm(folder: Path) -> None:
    """Take back what nobody came to."""
    (folder / ARMED).unlink(missing_ok=True)


def set_clock(folder: Path, seconds: float) -> None:
    """Put the clocks of the app's processes forward, or back, by so much against the true time."""
    draft = folder / "clock-draft"
    draft.write_text(str(seconds))
    draft.rename(folder / CLOCK)


def environment(folder: Path) -> dict[str, str]:
    """What a process of the app needs so that points and clock reach it."""
    return {FOLDER: str(folder), "PYTHONPATH": f"{INSIDE}:{Path(sys.modules['chaos'].__path__[0]).parent}"}
