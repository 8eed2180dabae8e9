"""A TOML text in blocks, the lines of one heading each: one can be changed, moved or taken out with its comments.

A comment right above a heading belongs to it; what stands apart, between empty lines, belongs to no block and stays.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

QUOTES = ('"""', "'''", '"', "'")


@dataclass(slots=True)
class Block:
    """One heading with its lines. The first block of a text has no heading: its name is ()."""

    name: tuple[str, ...]
    is_list: bool
    """Whether it begins one more of a list: [[extras]]."""
    text: str
    gap: str = ""
    """What stands between this block and the next: empty lines, comments of no block."""


def split_blocks(toml: str) -> list[Block]:
    """The blocks of a valid text with plain line ends; joined they are the same text.

    Headings inside one of a list, such as [tiers.enter] after [[tiers]], belong to its block.
    """
    blocks = [Block((), is_list=False, text="")]
    for line, is_outside in _lines(toml):
        before = blocks[-1]
        if not is_outside or not line.lstrip().startswith("["):
            before.text += line
            continue
        name = _name(line)
        if before.is_list and name[: len(before.name)] == before.name and len(name) > len(before.name):
            before.text += line
        else:
            blocks.append(Block(name, is_list=line.lstrip().startswith("[["), text=line))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        _part_from(block, following)
    return blocks


def join_blocks(blocks: list[Block]) -> str:
    """The text of these blocks."""
    return "".join(block.text + block.gap for block in blocks)


def take_out(blocks: list[Block], index: int) -> None:
    """Remove a block with its own comments; comments that stand apart stay."""
    gone, before = blocks.pop(index), blocks[index - 1]
    if gone.gap.strip():
        before.gap = before.gap.rstrip("\n") + "\n" + gone.gap if before.gap.strip() else gone.gap
    elif index == len(blocks) and not before.gap.strip():
        before.gap = ""


def put_in(blocks: list[Block], index: int, block: Block) -> None:
    """Add a block before the one at an index, with an empty line on either side."""
    before = blocks[index - 1]
    block.gap = before.gap or ("\n" if index < len(blocks) else "")
    before.gap = "\n" if before.text else ""
    if before.text and not before.text.endswith("\n"):
        before.text += "\n"
    blocks.insert(index, block)


def swap_texts(blocks: list[Block], order: list[int], places: list[int]) -> None:
    """Put the blocks at `places` into another order: the first place gets the text of `places[order[0]]`, and so on."""
    texts = [blocks[place].text.rstrip("\n") + "\n" for place in places]
    for place, source in zip(places, order, strict=True):
        blocks[place].text = texts[source]


def _part_from(block: Block, following: Block | None) -> None:
    """Part what ends a block from the block, and hand the next one the comment that stands right above it."""
    lines = _split(block.text)
    end = len(lines)
    while end and _is_idle(lines[end - 1]):
        end -= 1
    start = len(lines)
    while following is not None and start > end and lines[start - 1].strip():
        start -= 1
    while end and end < start and lines[end].strip():
        end += 1
    if not block.name and end == 0:
        end = start  # a text that begins with comments keeps them at its head
    block.text, block.gap = "".join(lines[:end]), "".join(lines[end:start])
    if following is not None:
        following.text = "".join(lines[start:]) + following.text


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _name(heading: str) -> tuple[str, ...]:
    """The keys of a heading: '[delivery."a b"]' -> ("delivery", "a b")."""
    names = []
    inner: Any = tomllib.loads(heading)
    while inner:
        key, inner = next(iter(inner.items()))
        names.append(key)
        inner = inner[0] if isinstance(inner, list) else inner
    return tuple(names)


def _split(text: str) -> list[str]:
    """Lines with their ends; only "\\n" ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _lines(toml: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it begins outside of any text and list."""
    quote, depth = "", 0
    for line in _split(toml):
        yield line, not quote and not depth
        quote, depth = _after(line, quote, depth)


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """In which long text, and in how many lists, a line ends that began in these."""
    at = 0
    while at < len(line):
        if quote and line.startswith(quote, at):
            at += len(quote)
            while len(quote) == 3 and line.startswith(quote[0], at):
                at += 1  # a long text may end with quotes of its own
            quote = ""
        elif quote:
            at += 2 if line[at] == "\\" and quote[0] == '"' else 1
        elif line[at] == "#":
            break
        elif opened := next((mark for mark in QUOTES if line.startswith(mark, at)), ""):
            at, quote = at + len(opened), opened
        else:
            depth += (line[at] in "[{") - (line[at] in "]}")
            at += 1
    return quote, depth
