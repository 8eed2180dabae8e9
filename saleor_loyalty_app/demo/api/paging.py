"""Connections with cursors as Saleor makes them: a JSON list of the sort values, in base64."""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLError

LIMIT = 100


@dataclass(slots=True)
class Row:
    """One thing in a sorted list, with what it was sorted by."""

    key: tuple[Any, ...]
    node: Any


def cursor_of(key: tuple[Any, ...]) -> str:
    """The cursor of a row."""
    return base64.b64encode(json.dumps([str(part) for part in key], separators=(",", ":")).encode()).decode()


def page(rows: Sequence[Row], name: str, arguments: dict[str, Any], *, descending: bool = False) -> dict[str, Any]:
    """The part of a sorted list that first/after or last/before ask for.

    rows are sorted as they are shown; the keys of a descending list fall. Raises GraphQLError for more
    than 100 rows, and when neither first nor last is given.
    """
    first, last = arguments.get("first"), arguments.get("last")
    _check_size(name, first, last)
    start, stop = 0, len(rows)
    if arguments.get("after"):
        start = _position(rows, arguments["after"], descending=descending, behind=True)
    if arguments.get("before"):
        stop = _position(rows, arguments["before"], descending=descending, behind=False)
    low, high = start, stop
    if first is not None:
        high = min(stop, start + first)
    else:
        low = max(start, stop - int(last or 0))
    edges = [{"node": row.node, "cursor": cursor_of(row.key)} for row in rows[low:high]]
    return {
        "totalCount": len(rows),
        "edges": edges,
        "pageInfo": {
            "hasNextPage": high < stop,
            "hasPreviousPage": low > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _check_size(name: str, first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise GraphQLError(f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.")
    for word, size in (("first", first), ("last", last)):
        if size is not None and size > LIMIT:
            raise GraphQLError(
                f"Requesting {size} records on the `{name}` connection exceeds the `{word}` limit of {LIMIT} records."
            )


def _position(rows: Sequence[Row], cursor: str, *, descending: bool, behind: bool) -> int:
    """Where a cursor points to, in a list that may have changed since."""
    try:
        texts = json.loads(base64.b64decode(cursor, validate=True))
        sample = rows[0].key if rows else ()
        wanted = tuple(_like(text, part) for text, part in zip(texts, sample, strict=bool(rows)))
    except (ValueError, TypeError, binascii.Error) as problem:
        raise GraphQLError("Received cursor is invalid.") from problem
    if descending:
        rising = rows[::-1]
        find = bisect_left if behind else bisect_right
        return len(rows) - find(rising, wanted, key=_key)
    return (bisect_right if behind else bisect_left)(rows, wanted, key=_key)


def _key(row: Row) -> tuple[Any, ...]:
    return row.key


def _like(text: str, part: Any) -> Any:
    """A cursor's text as the type that the list is sorted by."""
    if isinstance(part, datetime):
        return datetime.fromisoformat(text)
    return int(text) if isinstance(part, int) else text
