"""customerBulkUpdate: names, notes and metadata of many customers in one call."""

from collections import Counter
from typing import Any

from saleor_loyalty_app.demo.api.registry import Info, Request, answers, request_of
from saleor_loyalty_app.demo.ids import WrongId, local_key
from saleor_loyalty_app.demo.people_records import User

Answer = dict[str, Any]
_PLAIN = {
    "firstName": "first_name",
    "lastName": "last_name",
    "note": "note",
    "languageCode": "language_code",
    "isActive": "is_active",
}


@answers("Mutation.customerBulkUpdate")
def customer_bulk_update(
    _root: Any,
    info: Info,
    customers: list[Answer],
    errorPolicy: str | None = None,  # noqa: N803 - the API's name
) -> Answer:
    """Change customers row by row. Without IGNORE_FAILED or REJECT_FAILED_ROWS one bad row stops them all."""
    request = request_of(info)
    request.caller.need("MANAGE_USERS")
    doubled = {each for each, times in Counter(row.get("id") for row in customers).items() if each and times > 1}
    found = [_row_or_error(request, row, doubled) for row in customers]
    errors = [each for each in found if not isinstance(each, User)]
    if errors and errorPolicy in (None, "REJECT_EVERYTHING"):
        refused = [{"customer": None, "errors": [] if isinstance(each, User) else [each]} for each in found]
        return {"count": 0, "results": refused, "errors": errors}
    results: list[Answer] = []
    for row, each in zip(customers, found, strict=True):
        if isinstance(each, User):
            _change(request, each, row["input"])
            results.append({"customer": each, "errors": []})
        else:
            results.append({"customer": None, "errors": [each]})
    return {"count": len(customers) - len(errors), "results": results, "errors": errors}


def _row_or_error(request: Request, row: Answer, doubled: set[str]) -> User | Answer:
    """The customer of a row, or the entry of `errors` that says why there is none."""
    if row.get("id") in doubled:
        return _error("id", "DUPLICATED_INPUT_ITEM", "Duplicated id.")
    people = request.shop.customers.by_key
    try:
        key = local_key(row["id"], "User") if row.get("id") else ""
    except WrongId:
        return _error("id", "INVALID", "Invalid customer ID.")
    wanted = row.get("externalReference")
    by_reference = (each for each in people.values() if wanted and each.external_reference == wanted)
    found = people.get(int(key)) if key.isdigit() else next(by_reference, None)
    return found or _error(None, "NOT_FOUND", "Customer was not found.")


def _error(path: str | None, code: str, message: str) -> Answer:
    return {"path": path, "code": code, "message": message}


def _change(request: Request, user: User, wanted: Answer) -> None:
    """Change one customer; what stays the same fires nothing."""
    people, by = request.shop.customers, request.caller.principal
    plain = {_PLAIN[key]: value for key, value in wanted.items() if key in _PLAIN and value is not None}
    if any(getattr(user, key) != value for key, value in plain.items()):
        people.update(user, by=by, **plain)
    for key, private in (("metadata", False), ("privateMetadata", True)):
        items = {item["key"]: item["value"] for item in wanted.get(key) or ()}
        if items:
            people.write_metadata(user, items, private=private, by=by)
