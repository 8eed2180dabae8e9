"""A program's text is edited part by part; what the merchant wrote around it stays as it is.

Each edit is made twice: in the plain data, which say what is meant, and in the text, which keeps its comments and
layout. Where the two don't agree in the end, the text is written anew from the data.
"""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from saleor_loyalty_app.domain.program import program_data
from saleor_loyalty_app.domain.program_fields import changed_fields
from saleor_loyalty_app.domain.program_places import LISTS, Path
from saleor_loyalty_app.domain.toml_blocks import Block, join_blocks, put_in, split_blocks, swap_texts, take_out
from saleor_loyalty_app.domain.toml_values import data_text, fields_text, fingerprint, key_text, plain, value_text

GROUPS = ("sender", "budget", "moments", "packing")
BY_ID = ("tiers", "extras")
Data = dict[str, Any]


class NoSuchPart(LookupError):
    """The program has no part at this path: somebody removed it, or the path was made up."""


def set_fields(toml: str, path: Path, values: Mapping[str, Any]) -> str:
    """The text with these fields of one part set; None removes a field, and what is the same already stays.

    A group that is not there yet ("budget", a channel's delivery) is added. A new id of a tier or an extra is put
    in wherever it is referred to. Raises NoSuchPart, and ProgramProblem when the text is no TOML.
    """
    data = program_data(toml)
    part = find_part(data, path, make=True)
    wanted = {field: None if value is None else plain(value) for field, value in values.items()}
    changes = changed_fields(path, part, wanted)
    if not changes:
        return toml
    old_id, new_id = part.get("id"), changes.get("id")
    toml = _set(toml, path, changes)
    if path[0:1] and path[0] in BY_ID and isinstance(old_id, str) and isinstance(new_id, str):
        ids = [other.get("id") for other in data[str(path[0])] if isinstance(other, dict)]
        if ids.count(old_id) == 1 and new_id not in ids:
            toml = _rename(toml, str(path[0]), old_id, new_id)
    return toml


def add_to(toml: str, kind: str, values: Mapping[str, Any]) -> str:
    """The text with one more tier, extra, surprise or note, after the others of its kind."""
    if kind not in LISTS:
        raise NoSuchPart(kind)
    data = program_data(toml)
    parts, fields = data.setdefault(kind, []), plain(values)
    if not isinstance(parts, list):
        raise NoSuchPart(kind)

    def lay(blocks: list[Block]) -> None:
        places = _places(blocks, kind)
        if len(places) != len(parts) - 1:
            return _lay_fields(blocks, (), {kind: parts})
        if not places:
            _lay_fields(blocks, (), {kind: None})  # an empty list may stand there
        put_in(blocks, places[-1] + 1 if places else _home_of(blocks, kind), _new_block(kind, fields))
        return None

    parts.append(fields)
    return _edited(toml, data, lay)


def remove_from(toml: str, path: Path) -> str:
    """The text without one part. Raises NoSuchPart."""
    data = program_data(toml)
    find_part(data, path)
    holder, key = _holder(data, path)
    del holder[key]

    def lay(blocks: list[Block]) -> None:
        place = _place_of(blocks, (*path[:1], key))
        if place is not None and (path[0] not in LISTS or len(_places(blocks, str(path[0]))) == len(holder) + 1):
            take_out(blocks, place)
            if path[0] == "tiers" and not holder:
                _lay_fields(blocks, (), {"tiers": []})  # a program without tiers says so
        elif path[0] in LISTS:
            _lay_fields(blocks, (), {str(path[0]): holder})
        else:
            _lay_fields(blocks, path[:-1], {str(key): None})

    return _edited(toml, data, lay)


def move_within(toml: str, path: Path, by_places: int) -> str:
    """The text with one part further up (negative) or down among its like, as far as there is room."""
    data = program_data(toml)
    find_part(data, path)
    parts, index = _holder(data, path)
    if path[0] not in LISTS:
        raise NoSuchPart(path)
    order = [*range(len(parts))]
    order.insert(min(max(0, index + by_places), len(parts) - 1), order.pop(index))
    data[str(path[0])] = [parts[source] for source in order]

    def lay(blocks: list[Block]) -> None:
        places = _places(blocks, str(path[0]))
        if len(places) == len(order):
            swap_texts(blocks, order, places)

    return toml if order == sorted(order) else _edited(toml, data, lay)


def find_part(data: Mapping[str, Any], path: Path, *, make: bool = False) -> Data:
    """The plain data of one part; with `make`, a group that is not there is begun. Raises NoSuchPart."""
    match path:
        case ():
            return data  # type: ignore[return-value]
        case (str(root),) if root in GROUPS:
            found = data.setdefault(root, {}) if make else data.get(root)  # type: ignore[attr-defined]
        case ("delivery", str(slug)):
            channels = data.setdefault("delivery", {}) if make else data.get("delivery")  # type: ignore[attr-defined]
            if not isinstance(channels, dict):
                raise NoSuchPart(path)
            found = channels.setdefault(slug, {}) if make else channels.get(slug)
        case (str(root), _) if root in LISTS:
            holder, index = _holder(data, path)
            found = holder[index]
        case _:
            found = None
    if not isinstance(found, dict):
        raise NoSuchPart(path)
    return found


def _holder(data: Mapping[str, Any], path: Path) -> tuple[Any, Any]:
    """What a part stands in, and its key or index there."""
    if len(path) == 1:
        return data, path[0]
    holder = data.get(str(path[0]))
    if path[0] not in LISTS:
        return holder, path[1]
    if not isinstance(holder, list):
        raise NoSuchPart(path)
    ids = [part.get("id") if isinstance(part, dict) else None for part in holder]
    index = path[1]
    if isinstance(index, str) and path[0] in BY_ID and index in ids:
        index = ids.index(index)
    if not isinstance(index, int) or not 0 <= index < len(holder):
        raise NoSuchPart(path)
    return holder, index


def _set(toml: str, path: Path, changes: Data) -> str:
    data = program_data(toml)
    part = find_part(data, path, make=True)
    if len(path) > 1:
        path = (path[0], _holder(data, path)[1])
    for field, value in changes.items():
        if value is None:
            part.pop(field, None)
        else:
            part[field] = value
    return _edited(toml, data, lambda blocks: _lay_fields(blocks, path, changes))


def _rename(toml: str, kind: str, old: str, new: str) -> str:
    """The text with a new id of a tier or an extra wherever the old one is referred to."""
    data = program_data(toml)
    for root, field in (("surprises", "tiers"), ("notes", "tiers")) if kind == "tiers" else (("surprises", "pool"),):
        parts = data.get(root)
        for index, part in enumerate(parts if isinstance(parts, list) else []):
            named = part.get(field) if isinstance(part, dict) else None
            if isinstance(named, list) and old in named:
                toml = _set(toml, (root, index), {field: [new if id == old else id for id in named]})
    return toml


def _edited(toml: str, data: Data, lay: Callable[[list[Block]], None]) -> str:
    """The text after an edit of its blocks, if it says what the data say; else a new text that does."""
    try:
        blocks = split_blocks(toml.replace("\r\n", "\n"))
        lay(blocks)
        text = join_blocks(blocks)
        if _meaning(tomllib.loads(text)) == _meaning(data):
            return text
    except (TOMLKitError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass  # an unusual layout that can't be kept
    return data_text(data)


def _meaning(data: Data) -> Any:
    """What two texts are compared by; a part that is empty need not be there, but for the tiers."""
    return fingerprint({key: value for key, value in data.items() if key == "tiers" or value not in ([], {})})


def _lay_fields(blocks: list[Block], path: Path, changes: Data) -> None:
    """Set fields of a part in the block where it stands; begin a block where there is none."""
    place = _place_of(blocks, path)
    name = tuple(str(step) for step in path)
    for field, value in changes.items():
        inner = next((i for i, block in enumerate(blocks) if block.name == (*name, field) and not block.is_list), None)
        if inner is not None and value is None:
            take_out(blocks, inner)
        elif inner is not None and isinstance(value, dict):
            _change(blocks[inner], (), value)
        elif place is not None:
            _change(blocks[place], (), {field: value}, only=True)
        elif (outer := _place_of(blocks, path[:-1])) is not None and f"{name[-1]}" in blocks[outer].text:
            _change(blocks[outer], path[-1:], {field: value}, only=True)
        elif value is not None:
            put_in(blocks, len(blocks), Block(name, is_list=False, text=f"[{'.'.join(map(key_text, name))}]\n"))
            place = len(blocks) - 1
            _change(blocks[place], (), {field: value}, only=True)


def _change(block: Block, path: Path, fields: Data, *, only: bool = False) -> None:
    """Set fields inside a block's text; with `only`, fields that are not named stay."""
    document = tomlkit.parse(block.text)
    holder: Any = document
    for step in (*block.name, *path):
        holder = holder[step]
        holder = holder[0] if isinstance(holder, list) else holder
    if not only:
        for gone in [key for key in holder if key not in fields]:
            del holder[gone]
    for field, value in fields.items():
        _put(holder, field, value)
    block.text = tomlkit.dumps(document)
    if block.text and not block.text.endswith("\n"):
        block.text += "\n"


def _put(holder: Any, field: str, value: Any) -> None:
    """Set one field of a table, leaving alone what is inside it and stays the same."""
    known = holder.get(field)
    if value is None:
        holder.pop(field, None)
    elif isinstance(value, dict) and isinstance(known, dict) and (set(known) <= set(value) or _is_table(known)):
        for gone in [key for key in known if key not in value]:
            del known[gone]
        for key, inner in value.items():
            _put(known, key, inner)
    elif known is None or fingerprint(_bare(known)) != fingerprint(value):
        holder[field] = tomlkit.value(value_text(value))


def _is_table(item: Any) -> bool:
    """Whether something is written with a heading, not in braces, which would keep the gap of what is taken out."""
    return isinstance(item, Table)


def _bare(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _places(blocks: list[Block], kind: str) -> list[int]:
    """Where the parts of a kind stand, in order."""
    return [index for index, block in enumerate(blocks) if block.name == (kind,) and block.is_list]


def _place_of(blocks: list[Block], path: Path) -> int | None:
    """The block of a part, if it has one of its own."""
    if len(path) == 2 and path[0] in LISTS:
        places, index = _places(blocks, str(path[0])), path[1]
        return places[index] if isinstance(index, int) and index < len(places) else None
    return next((i for i, block in enumerate(blocks) if block.name == path and not block.is_list), None)


def _home_of(blocks: list[Block], kind: str) -> int:
    """Where the first part of a kind is put in: after the kinds that come before it."""
    kinds = ["", "sender", *LISTS]
    before = set(kinds[: kinds.index(kind)])
    return max((i for i, block in enumerate(blocks) if not block.name or block.name[0] in before), default=0) + 1


def _new_block(kind: str, fields: Data) -> Block:
    return Block((kind,), is_list=True, text=f"[[{kind}]]\n{fields_text(fields)}")
