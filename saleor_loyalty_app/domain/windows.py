"""Which days a window covers, in the program's time zone; a day is a local calendar day, never 24 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from saleor_loyalty_app.domain.program import Window


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware moment in a zone."""
    return moment.astimezone(zone).date()


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC. Where the clocks skip midnight, the day begins with the skip."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def window_span(window: Window, day: date, *, years_back: int = 0) -> tuple[date | None, date]:
    """First and last day that count when a window is looked at on `day`; both inclusive.

    A rolling window of N days is `day` and the N - 1 days before it, so what was bought on the first day
    counts on N days and no longer on the one after. A calendar year ends on 31 December, or on `day` while
    it lasts; `years_back` 1 is the year before. A lifetime has no first day.
    """
    if window.kind == "rolling":
        return day - timedelta(days=window.days - 1), day
    if window.kind == "calendar_year":
        year = day.year - years_back
        return date(year, 1, 1), min(day, date(year, 12, 31))
    return None, day


def leaves_on(window: Window, bought_on: date, *, years_back: int = 0) -> date | None:
    """The first day on which what was bought on a day no longer counts; None for never."""
    if window.kind == "rolling":
        return bought_on + timedelta(days=window.days)
    if window.kind == "calendar_year":
        return date(bought_on.year + 1 + years_back, 1, 1)
    return None
