"""Reads version ranges as npm writes them: ">=3.22 <4", "^3.22.0", "~3.22", "3.x", "3.20 - 3.23", "a || b"."""

import re

Version = tuple[int, int, int]
_PART = re.compile(r"^(?P<sign>\^|~|>=|<=|>|<|=)?\s*v?(?P<version>[\dxX*]+(?:\.[\dxX*]+){0,2})(?:-[\w.]+)?$")


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version ("3.23.28") lies in a range; an unreadable range is satisfied by nothing."""
    have = _padded([int(part) for part in version.split(".")])
    return any(_all_hold(have, part) for part in wanted.split("||"))


def _all_hold(have: Version, text: str) -> bool:
    text = re.sub(r"(\S+)\s+-\s+(\S+)", r">=\1 <=\2", text.strip())
    text = re.sub(r"(\^|~|>=|<=|>|<|=)\s+", r"\1", text)
    return all(_holds(have, part) for part in text.split()) if text else True


def _holds(have: Version, part: str) -> bool:
    match = _PART.match(part)
    if match is None:
        return False
    numbers: list[int] = []
    for piece in match["version"].split("."):
        if not piece.isdigit():
            break
        numbers.append(int(piece))
    least = _padded(numbers)
    sign = match["sign"] or "="
    if sign == "^":
        return least <= have < _next_after(numbers[:1] or [0])
    if sign == "~":
        return least <= have < _next_after(numbers[:2] or [0])
    if sign == "=":
        return not numbers or least <= have < _next_after(numbers)
    beyond = _next_after(numbers) if numbers else least
    return {">=": have >= least, ">": have >= beyond, "<": have < least, "<=": have < beyond}[sign]


def _padded(numbers: list[int]) -> Version:
    major, minor, patch = ([*numbers, 0, 0, 0])[:3]
    return major, minor, patch


def _next_after(numbers: list[int]) -> Version:
    return _padded([*numbers[:-1], numbers[-1] + 1])
