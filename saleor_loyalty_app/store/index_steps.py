"""The few different values that many rows have, each found by one step in an index instead of a look at every row."""

from sqlalchemy import Column, Connection, func, select


def steps(db: Connection, shop_id: int, column: Column[str], *, limit: int) -> list[str]:
    """The values of a column in a shop, ascending, at most so many. There must be an index of shop and column."""
    found: list[str] = []
    while len(found) < limit:
        query = select(func.min(column)).where(column.table.c.shop_id == shop_id)
        following = db.scalar(query.where(column > found[-1]) if found else query)
        if following is None:
            break
        found.append(following)
    return found
