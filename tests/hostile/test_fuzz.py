"""Every route with hostile paths, queries, headers and bodies, on both databases: never a 500, and nothing is logged
that should not be. A longer run stands in docs/security.md.
"""

import io
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import responses
from factories import TOKEN, jwks
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import postgres_server
from sqlalchemy import create_engine, text
from two_shops import Furnished, Made, a_picture, address_of, first_shop, form_with, make_app
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from saleor_loyalty_app.store.migrate import migrate

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
MARK = "zwiebelfisch"
"""Stands in everything that is sent; it must stand in no log."""
NASTY = (
    "", " ", "0", "-1", "1", "00001", "1.5", "1e9", "NaN", "Infinity", "true", "null", "None", "²", "١",
    "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 40, "9" * 5000,
    f"{MARK}\x00", "\x00", f"{MARK}\ud7ff\ue000\U0010ffff", "\ufffe\ufeff", "\u202e\u0000", "a\r\nSet-Cookie: x=1",
    f"' OR 1=1 -- {MARK}", '"; DROP TABLE parcels; --', "%", "_", "\\", "{{ 7*7 }}", "{% for x in () %}", "${7*7}",
    "%(x)s", "{0.__class__}", f"<script>{MARK}</script>", "<svg onload=alert(1)>", "=cmd|' /C calc'!A0",
    "../../etc/passwd", "..", ".", "/", "//", "a" * 3000, "A" * 70_000, "ß" * 300, "👩‍👩‍👧‍👦" * 40, "2026-06-31",
    "0001-01-01", "9999-12-31", "2026-13", "0000-00", "99999-01", "1970-01-01", "2026-W24-1", "20260615",
    "00000000-0000-0000-0000-000000000000", str(uuid4()), "=", "-", "|", "1|2", "2026-06-15T12:00:00+00:00|1",
    "T3JkZXI6MQ==", "order:", "customer:1", "[]", "[extras]\nid = 1", "x = [[[", "caramel", "extras", "notes",
    "gold", "live", "on", "cards", "slips", "planned", "ready/1", "batch/x", "day/2026-06-15",
)  # fmt: skip
TEXTS = st.sampled_from(NASTY) | st.text(max_size=30) | st.integers().map(str) | st.floats().map(str)
SENT_BY_THE_SHELL = ("Locale", "Theme", "Dashboard")
HEADERS = (
    *SENT_BY_THE_SHELL,
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Referer",
    "Origin",
    "HX-Request",
    "HX-Target",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Cookie",
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "Expect",
    "Saleor-Event",
    "Saleor-Schema-Version",
    "Saleor-Domain",
    "X-HTTP-Method-Override",
    "Content-Encoding",
)
KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json",
    "text/plain; charset=utf-16",
    "application/x-www-form-urlencoded; charset=zwiebelfisch",
    "",
    "/",
    "application/xml",
)
FILES = (
    b"",
    b"\x00",
    b"GIF89a",
    a_picture()[:40],
    a_picture(),
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
    b"%PDF-1.7",
    a_picture("GIF") + b"<script>",
    b"\xff\xd8\xff" + b"\x00" * 50,
    b"[[extras]]\nid = 1",
    b"\xff\xfe" * 20,
)
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=40)


@dataclass
class Fuzzed:
    """One shop whose routes are tried; `begin_anew` puts everything back."""

    shop: Furnished
    begin_anew: Callable[[], None]
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What each route reads of a form or a query; found out as it goes."""
    rules: list[tuple[Rule, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        seen = self.fields

        class Recording(ImmutableMultiDict[str, str]):
            def get(self, key: Any, *more: Any, **how: Any) -> Any:
                seen[str(request.endpoint)].add(str(key))
                return super().get(key, *more, **how)

            def getlist(self, key: Any, *more: Any, **how: Any) -> Any:
                seen[str(request.endpoint)].add(str(key))
                return super().getlist(key, *more, **how)

            def __getitem__(self, key: Any) -> Any:
                seen[str(request.endpoint)].add(str(key))
                return super().__getitem__(key)

        class RecordingRequest(self.web.request_class):  # type: ignore[name-defined,misc]
            parameter_storage_class = Recording

        self.web.request_class = RecordingRequest
        self.rules = [
            (rule, method)
            for rule in self.web.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
            if rule.endpoint != "pages.shell"
        ]

    @property
    def web(self) -> Flask:
        return self.shop.client.application


def on_sqlite(folder: Path, made: Made) -> Iterator[Fuzzed]:
    shutil.copy(made.file, folder / "loyalty.sqlite")
    app = make_app(folder)

    def begin_anew() -> None:
        app.database.engine.dispose()
        for leftover in folder.glob("loyalty.sqlite-*"):
            leftover.unlink()
        shutil.copy(made.file, folder / "loyalty.sqlite")

    yield Fuzzed(made.ours.moved_to(app), begin_anew)
    app.close()


def on_postgres(folder: Path) -> Iterator[Fuzzed]:
    with postgres_server() as url:
        app = make_app(folder, url.replace("/postgres?", "/first?"))
        control = create_engine(url, isolation_level="AUTOCOMMIT")

        def say(*commands: str) -> None:
            app.database.engine.dispose()
            with control.connect() as connection:
                for command in commands:
                    connection.execute(text(command))

        say("CREATE DATABASE first")
        migrate(app.database)
        shop = first_shop(app)
        shop.has_trouble()
        say("CREATE DATABASE kept TEMPLATE first")
        yield Fuzzed(shop, lambda: say("DROP DATABASE first WITH (FORCE)", "CREATE DATABASE first TEMPLATE kept"))
        app.close()
        control.dispose()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fuzzed(request: pytest.FixtureRequest, made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzzed")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add(responses.GET, "https://shop.example.com/.well-known/jwks.json", json=jwks())
        mocked.add(responses.POST, re.compile("https?://.*"), status=503)
        yield from on_sqlite(folder, made) if request.param == "sqlite" else on_postgres(folder)


# ---- What is sent


@dataclass(frozen=True)
class Sent:
    """One request; what stands in `changed` replaces what a page of the app would send."""

    which: int
    method: str
    guest: str
    changed: dict[str, str]
    more: list[tuple[str, str]]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    kind: str | None
    raw: bytes | None
    file: bytes | None
    path: str | None


PICK = st.integers(0, 9)
"""Of the fields that a route reads, the one with this number (modulo)."""
SENT = st.builds(
    Sent,
    which=st.integers(0, 10_000),
    method=st.sampled_from(["", "", "", "", "", "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"]),
    guest=st.sampled_from(["staff", "staff", "staff", "staff", "staff", "desk", "form", "nobody"]),
    changed=st.dictionaries(PICK.map(str), TEXTS, max_size=3),
    more=st.lists(st.tuples(TEXTS, TEXTS), max_size=2),
    query=st.lists(
        st.tuples(st.sampled_from(["mark", "like", "before", "lang", "theme", "drops_allowed"]) | TEXTS, TEXTS),
        max_size=2,
    ),
    headers=st.dictionaries(st.sampled_from(HEADERS), LATIN, max_size=2),
    kind=st.none() | st.none() | st.none() | st.sampled_from(KINDS),
    raw=st.none()
    | st.none()
    | st.none()
    | st.binary(max_size=200)
    | st.sampled_from([b"[" * 50_000, b'{"a":' * 9_000, b"&" * 2000]),
    file=st.none() | st.sampled_from(FILES),
    path=st.none() | st.none() | TEXTS,
)


def send(fuzzed: Fuzzed, sent: Sent) -> tuple[str, TestResponse]:
    shop = fuzzed.shop
    rule, method = fuzzed.rules[sent.which % len(fuzzed.rules)]
    method = sent.method or method
    address = address_of(rule, {**shop.ids, "filename": "panel.css"})
    if sent.path is not None and rule.arguments:
        name = sorted(rule.arguments)[sent.which % len(rule.arguments)]
        address = address_of(
            rule,
            {**shop.ids, "filename": "panel.css", name: quote(sent.path[:300].encode("utf-8", "replace"), safe="/")},
        )
    form: dict[str, Any] = form_with(shop.ids, str(uuid4()))
    known = sorted(fuzzed.fields[rule.endpoint]) or sorted(form)
    form |= {known[int(number) % len(known)]: value for number, value in sent.changed.items()}
    form |= dict(sent.more)
    headers = {
        "staff": shop.headers,
        "desk": shop.desk_headers,
        "nobody": dict,
        "form": lambda: (
            form.update({"accessToken": shop.headers()["Authorization-Bearer"], "saleorApiUrl": shop.url}) or {}
        ),
    }[sent.guest]()
    headers = {**headers, **sent.headers}
    body: dict[str, Any] = {}
    if method not in {"GET", "HEAD", "OPTIONS"}:
        if sent.raw is not None:
            body = {"data": sent.raw, "content_type": sent.kind or KINDS[0]}
        else:
            clean = {
                name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
                for name, value in form.items()
            }
            files = (
                {name: (io.BytesIO(sent.file), f"{MARK}.png") for name in ("picture", "file")}
                if sent.file is not None
                else {}
            )
            body = {"data": {**clean, **files}, **({"content_type": sent.kind} if sent.kind and not files else {})}
    query = [(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in sent.query]
    answer = shop.client.open(address, method=method, headers=headers, query_string=query, **body)
    return f"{method} {address[:200]}", answer


# ---- What must hold


def check(what: str, answer: TestResponse, log_lines: list[str], fuzzed: Fuzzed) -> None:
    logged = "\n".join(log_lines)
    assert answer.status_code != 500, f"{what}\n{logged}"
    assert "unexpected_trouble" not in logged, f"{what}\n{logged}"
    assert "database_trouble" not in logged, f"{what}\n{logged}"
    assert b"Traceback (most recent" not in answer.data, what
    assert "Set-Cookie" not in answer.headers, what
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"], what
    shop = fuzzed.shop
    secrets = (
        MARK,
        TOKEN,
        str(shop.ids["desk_token"]),
        shop.headers()["Authorization-Bearer"][-40:],
        *shop.app.settings.secret_keys,
    )
    assert [secret for secret in secrets if secret in logged] == [], f"{what}\n{logged}"
    answer.close()


def test_every_field_of_every_route_may_hold_anything(fuzzed: Fuzzed, log_lines: list[str]) -> None:
    """One hostile value in a form that is right otherwise; a long run tries every value in every field."""
    turn = 0
    for which, (rule, method) in enumerate(fuzzed.rules):
        plain = Sent(which, "", "staff", {}, [], [], {}, None, None, None, None)
        fuzzed.begin_anew()
        send(fuzzed, plain)[1].close()  # finds out what the route reads
        if method != "POST":
            continue
        for number in range(len(fuzzed.fields[rule.endpoint])):
            values = NASTY if EXAMPLES else [NASTY[(turn + step * 23) % len(NASTY)] for step in range(1)]
            turn += 1
            for value in values:
                log_lines.clear()
                sent = Sent(which, "", "staff", {str(number): value}, [], [], {}, None, None, None, None)
                what, answer = send(fuzzed, sent)
                check(
                    f"{what} {sorted(fuzzed.fields[rule.endpoint])[number]}={value[:100]!r}", answer, log_lines, fuzzed
                )


def test_every_part_of_every_address_may_be_anything(fuzzed: Fuzzed, log_lines: list[str]) -> None:
    turn = 0
    fuzzed.begin_anew()
    for which, (rule, _) in enumerate(fuzzed.rules):
        for part in range(len(rule.arguments)):
            values = NASTY if EXAMPLES else [NASTY[(turn + step * 31) % len(NASTY)] for step in range(1)]
            turn += 1
            for value in values:
                log_lines.clear()
                number = which + len(fuzzed.rules) * part
                what, answer = send(fuzzed, Sent(number, "", "staff", {}, [], [], {}, None, None, None, value))
                check(what, answer, log_lines, fuzzed)


@settings(
    max_examples=EXAMPLES or 25,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(SENT, min_size=4, max_size=12))
def test_no_request_whatever_it_holds_leads_to_a_500(
    fuzzed: Fuzzed, log_lines: list[str], requests: list[Sent]
) -> None:
    fuzzed.begin_anew()
    for sent in requests:
        log_lines.clear()
        what, answer = send(fuzzed, sent)
        check(f"{what} {sent}", answer, log_lines, fuzzed)
