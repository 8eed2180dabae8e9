"""Plain values as TOML writes them, and what makes two of them the same."""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_LINE = 100


def plain(value: Any) -> Any:
    """A value as `tomllib` would read it: decimals as text, tuples as lists, nothing for what is None.

    Raises TypeError for what TOML has no word for.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value if inner is not None]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return str(value).replace("\r\n", "\n").encode("utf-8", "replace").decode()
    if isinstance(value, bool | int | float | date):
        return value
    raise TypeError(f"TOML has no word for {type(value).__name__}")


def fingerprint(value: Any) -> Any:
    """Equal for data that are the same to TOML: 1, 1.0 and true differ, the order of keys does not matter."""
    if isinstance(value, Mapping):
        return {key: fingerprint(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [fingerprint(inner) for inner in value]
    return type(value).__name__, repr(value)


def value_text(value: Any) -> str:
    """A plain value on the right side of "=": short ones on one line, texts of several lines as they read."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_text(key)} = {_one_line(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        texts = [_one_line(each) for each in value]
        line = f"[{', '.join(texts)}]"
        return line if len(line) <= LONGEST_LINE else "[\n" + "".join(f"  {text},\n" for text in texts) + "]"
    if isinstance(value, str) and "\n" in value:
        return _long_text(value)
    return _one_line(value)


def key_text(key: str) -> str:
    """A key as TOML writes it, in quotes where it must be."""
    return key if BARE_KEY.fullmatch(key) else _text(key)


def fields_text(fields: Mapping[str, Any]) -> str:
    """Fields, one on each line."""
    return "".join(f"{key_text(key)} = {value_text(value)}\n" for key, value in fields.items())


def data_text(data: Mapping[str, Any]) -> str:
    """A whole text for plain data, with a heading for each part; comments of an older text are not in it."""
    own = {key: value for key, value in data.items() if not _has_heading(value)}
    blocks = [fields_text(own)] if own else []
    for key, value in data.items():
        if not _has_heading(value):
            continue
        if isinstance(value, list):
            blocks += [f"[[{key_text(key)}]]\n{fields_text(part)}" for part in value]
        elif value and all(isinstance(inner, dict) for inner in value.values()) and key == "delivery":
            blocks += [f"[{key_text(key)}.{key_text(name)}]\n{fields_text(part)}" for name, part in value.items()]
        else:
            blocks.append(f"[{key_text(key)}]\n{fields_text(value)}")
    return "\n".join(blocks)


def _has_heading(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)
    )


def _one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return value_text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_one_line, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _long_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
    escaped = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped)
    if escaped.endswith('"'):
        escaped = f'{escaped[:-1]}\\"'
    return f'"""{chr(10) if text.startswith(chr(10)) else ""}{escaped}"""'
