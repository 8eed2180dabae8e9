"""The parts of a draft: where each stands in it, its address in the panel, and what is wrong with it."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import chain, count
from typing import Any
from unicodedata import normalize

from flask import g

from saleor_loyalty_app.domain.program_places import place_in_words
from saleor_loyalty_app.domain.program_problems import Path, Problem
from saleor_loyalty_app.domain.windows import local_day
from saleor_loyalty_app.services.edit_program import draft_data, problems_of
from saleor_loyalty_app.store.drafts import Draft, draft_of
from saleor_loyalty_app.web.means import loyalty, program_in_force
from saleor_loyalty_app.web.program_forms import PART_FORMS
from saleor_loyalty_app.web.program_values import Shown
from saleor_loyalty_app.web.words import locale

EDIT = "/program/edit"
LISTS = ("tiers", "extras", "surprises", "notes")
BY_ID = ("tiers", "extras")
SINGLES = ("sender", "budget", "moments", "packing")
ADDRESSABLE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
COUNTED = "~"
"""Stands before a number in an address, so that it is not taken for an id."""
LONGEST_ID = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One part of a list."""

    path: Path
    index: int
    values: Mapping[str, Any]

    @property
    def code(self) -> str:
        """How it is named in addresses: its id where that can stand in one, else the how manieth it is."""
        named = isinstance(self.path[1], str) and ADDRESSABLE.fullmatch(self.path[1])
        return str(self.path[1]) if named else f"{COUNTED}{self.index + 1}"

    @property
    def address(self) -> str:
        """Where it is changed."""
        return f"{EDIT}/{self.path[0]}/{self.code}"

    @property
    def shown(self) -> Shown:
        """Its values as they are written for people."""
        return Shown(path=self.path, values=self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """The shop's draft as it is worked on."""

    draft: Draft
    data: Mapping[str, Any]
    """Empty when the text can't be read at all; then `problems` says so."""
    problems: list[Problem]

    @property
    def wrong(self) -> list[Problem]:
        """What keeps it from being published."""
        return [problem for problem in self.problems if not problem.is_warning]

    @property
    def warnings(self) -> list[Problem]:
        """What is allowed and perhaps not meant."""
        return [problem for problem in self.problems if problem.is_warning]

    def part(self, path: Path) -> Mapping[str, Any] | None:
        """The values of a part; None when the draft has none there."""
        if not path:
            return {name: self.data[name] for name in PART_FORMS["shop"].readers if name in self.data}
        if path[0] in LISTS:
            return next((one.values for one in self.listed(str(path[0])) if one.path == path), None)
        inner: Any = self.data.get(str(path[0]), {})
        found = inner.get(path[1]) if len(path) > 1 and isinstance(inner, Mapping) else inner
        return found if isinstance(found, Mapping) else None

    def listed(self, kind: str) -> list[Listed]:
        """The parts of a list that can be shown, each with its place."""
        found = self.data.get(kind)
        parts = [(i, one) for i, one in enumerate(found) if isinstance(one, Mapping)] if isinstance(found, list) else []
        ids = [one.get("id") for _, one in parts]
        return [
            Listed(
                path=(kind, one["id"] if kind in BY_ID and _is_clear(one.get("id"), ids) else i), index=i, values=one
            )
            for i, one in parts
        ]

    def place(self, kind: str, code: str = "") -> Path | None:
        """The path of what an address names; None when the draft has no such part."""
        if kind == "shop" or kind in SINGLES:
            return None if code else (() if kind == "shop" else (kind,))
        return next((one.path for one in self.listed(kind) if one.code == code), None) if kind in LISTS else None

    def find(self, kind: str, code: str, was: str) -> Path | None:
        """The path of a part that is still the one which a form showed, wherever it stands by now; else None."""
        here = self.place(kind, code)
        if kind not in LISTS:
            return here if here is not None and fingerprint(self.part(here) or {}) == was else None
        alike = [one.path for one in self.listed(kind) if fingerprint(one.values) == was]
        return here if here in alike else next(iter(alike), None)

    def address_of(self, path: Path) -> str:
        """Where the panel changes what stands at a path: the page of its part, else the text."""
        kind = str(path[0]) if path else "text"
        if kind in LISTS:
            part = next((one for one in self.listed(kind) if one.path == path[:2]), None)
            return part.address if part else EDIT if len(path) == 1 else f"{EDIT}/text"
        if kind in PART_FORMS["shop"].readers:
            return f"{EDIT}/shop"
        return f"{EDIT}/{kind}" if kind in {"delivery", *SINGLES} else f"{EDIT}/text"

    def problems_in(self, path: Path) -> list[Problem]:
        """What is wrong with one part."""
        if path:
            return [problem for problem in self.problems if problem.path[: len(path)] == path]
        own = PART_FORMS["shop"].readers
        return [problem for problem in self.problems if problem.path and problem.path[0] in own]

    def differing(self, kind: str, path: Path, typed: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Fields of a part that stand otherwise in the draft than they were typed: name, and what stands there."""
        there = self.part(path) or {}
        return [
            (place_in_words((*path, name), locale()), _said_plainly(there.get(name)))
            for name in _differing(kind, typed, there)
        ]

    @property
    def languages(self) -> list[str]:
        """The languages it speaks, the first one first; English when it does not say any that can be read."""
        found = self.data.get("languages")
        return [str(one) for one in found if isinstance(one, str)] or ["en"] if isinstance(found, list) else ["en"]

    @property
    def currency(self) -> str:
        """The currency of its amounts as it is written."""
        return str(self.data.get("currency", ""))

    def name_of(self, values: Mapping[str, Any]) -> str:
        """What a tier or an extra is called in the viewer's language; else its id."""
        names = values.get("name")
        if isinstance(names, Mapping):
            for code in (locale(), *self.languages, *names):
                if names.get(code):
                    return str(names[code])
        return str(values.get("id", ""))

    def called(self, kind: str, ids: list[str]) -> list[str]:
        """Tiers or extras by name; what the draft does not have, by its id."""
        names = dict(self.choices(kind))
        return [names.get(id, id) for id in ids]

    def choices(self, kind: str) -> list[tuple[str, str]]:
        """Tiers or extras to choose from: id and name."""
        return [(str(one.values["id"]), self.name_of(one.values)) for one in self.listed(kind) if one.values.get("id")]


def read_draft(**known: Collection[str] | None) -> OpenDraft | None:
    """The shop's draft with what is wrong with it, or None; days are written in the zone of the rules in force."""
    with loyalty().database.read() as db:
        program_in_force(db)
        draft = draft_of(db, g.shop.id)
    return opened(draft, **known) if draft else None


def opened(draft: Draft, **known: Collection[str] | None) -> OpenDraft:
    """A draft with its data and problems; what is `known` of the shop is looked at, too: see `problems_of`."""
    today = local_day(loyalty().now(), g.zone) if "zone" in g else None
    try:
        data: Mapping[str, Any] = draft_data(draft.toml)
    except tomllib.TOMLDecodeError:
        data = {}
    return OpenDraft(draft=draft, data=data, problems=problems_of(draft.toml, today=today, **known))


def _is_clear(id: object, ids: list[object]) -> bool:
    return isinstance(id, str) and bool(id) and ids.count(id) == 1


def kind_of(path: Path) -> str:
    """The kind of form that changes what stands at a path."""
    return str(path[0]) if path else "shop"


def fingerprint(values: Mapping[str, Any]) -> str:
    """Says whether a part is still the one that a form showed."""
    return sha256(_as_text(values).encode()).hexdigest()[:20]


def same(kind: str, typed: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether what a form says stands in a part already."""
    return not _differing(kind, typed, there)


def free_id(draft: OpenDraft, kind: str, values: Mapping[str, Any]) -> str:
    """An id for a new part, made from its name: "Grüner Tee" -> "gruener-tee"."""
    names = values.get("name")
    name = next(iter(names.values()), "") if isinstance(names, Mapping) else ""
    for letters, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.lower().replace(letters, plain)
    ascii_name = normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:LONGEST_ID] or kind.removesuffix("s")
    taken = {one.values.get("id") for one in draft.listed(kind)}
    return next(id for id in chain([slug], (f"{slug}-{n}" for n in count(2))) if id not in taken)


def _differing(kind: str, typed: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """Fields that mean something else: what is left out means its default, and 12.5 is "12.50"."""
    default = PART_FORMS[kind].defaults()

    def meant(values: Mapping[str, Any], name: str) -> str:
        value = values.get(name)
        return _as_text(_levelled(default.get(name) if value in (None, "", [], {}) else value))

    return [name for name in PART_FORMS[kind].readers if name in typed and meant(typed, name) != meant(there, name)]


def _levelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _levelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_levelled(inner) for inner in value]
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,20}(\.\d{1,20})?", str(value)):
        return value
    return str(Decimal(str(value)).normalize())


def _said_plainly(value: object) -> str:
    """A value of a draft in one line: lists and tables without their signs."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said_plainly(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said_plainly, value))
    return "–" if value is None else str(value)


def _as_text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
