"""Where secrets lie and what they look like there: sealed or only as digests, and in no log, repr, page or export."""

import re
from pathlib import Path

import logged_secrets
import pytest
from factories import TOKEN, make_settings
from processes import running_app
from sqlalchemy import LargeBinary, select
from two_shops import Furnished

from saleor_loyalty_app.logs import places
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.sealed import SEALED, sealed_columns

PLAIN_BYTES = {"extra_pictures.webp": "a picture of a thing", "stationery_pictures.png": "how prints look"}


def test_every_column_of_bytes_is_sealed_or_holds_no_secret() -> None:
    columns = {
        f"{table.name}.{c.name}" for table in metadata.sorted_tables for c in table.c if isinstance(c.type, LargeBinary)
    }
    sealed = {f"{table.name}.{column.name}" for table, column in sealed_columns()}
    assert columns - sealed == PLAIN_BYTES.keys()
    assert all(f".{SEALED}" in name for name in sealed)


def test_whoever_has_the_database_alone_has_no_token_no_secret_and_no_address(
    ours: Furnished, theirs: Furnished
) -> None:
    folder = ours.app.settings.data_dir
    kept = b"".join(file.read_bytes() for file in folder.glob("loyalty.sqlite*"))
    assert b"Ours-First1" in kept  # names are in there, for notes
    for shop in (ours, theirs):
        row = shop.rows()["shops"]
        assert len(row) == 1
        secrets = [TOKEN.encode(), shop.app.secret(shop.shop), str(shop.ids["desk_token"]).partition(".")[2].encode()]
        emails = [
            f"{shop.mark}.{number}@example.com".encode() for number in range(shop.first_number, shop.first_number + 3)
        ]
        assert [one for one in [*secrets, *emails] if one in kept or one.lower() in kept.lower()] == []
    assert b"%PDF" not in kept  # printed pages are sealed


def test_what_is_sealed_for_one_installation_opens_in_no_other_and_with_no_other_content(ours: Furnished) -> None:
    from cryptography.fernet import Fernet

    from saleor_loyalty_app.store.secrets import UnreadableSecret, Vault

    with ours.app.database.read() as db:
        for table, column in sealed_columns():
            for value in db.scalars(select(column).where(column.is_not(None))):
                for vault, sealed in (
                    (Vault((Fernet.generate_key().decode(),)), value),
                    (ours.app.vault, value[:-12]),
                    (ours.app.vault, value[:40] + bytes([value[40] ^ 1]) + value[41:]),
                ):
                    with pytest.raises(UnreadableSecret):
                        vault.open(sealed)
                assert table is not None


def test_no_repr_shows_a_secret(ours: Furnished, tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path, metrics_token="metrics-token-of-tests", database_url="postgresql://me:pass-word@host/x"
    )
    client = ours.app.client(ours.shop)
    shown = " ".join(
        show(thing) for show in (repr, str)
        for thing in (settings, ours.app, ours.app.settings, ours.shop, ours.app.vault, client, ours.app.database)
    )  # fmt: skip
    secrets = [*settings.secret_key, "metrics-token-of-tests", "pass-word", TOKEN, ours.app.secret(ours.shop).hex()]
    assert [secret for secret in secrets if secret in shown] == []
    assert logged_secrets.found_in(shown) == []


def test_no_mistake_in_the_settings_repeats_a_secret(tmp_path: Path) -> None:
    from saleor_loyalty_app.settings import SettingsProblem

    wrong = {"secret_key": "half-a-key-of-tests", "database_url": "mysql://me:pass-word@host/x"}
    with pytest.raises(SettingsProblem) as problem:
        load_settings(_env_file=None, data_dir=tmp_path, **wrong)
    assert [secret for secret in ("half-a-key", "pass-word") if secret in str(problem.value)] == []


def test_the_key_that_is_made_on_first_start_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, data_dir=tmp_path / "new")
    (key,) = settings.secret_keys
    file = tmp_path / "new" / "secret.key"
    assert file.read_text() == key
    assert file.stat().st_mode & 0o777 == 0o600


# ---- Exports


def test_no_export_holds_a_secret(ours: Furnished) -> None:
    person = ours.client.post(f"/panel/customers/{ours.ids['customer_id']}/data/file", headers=ours.headers())
    program = ours.client.post("/panel/program/export", headers=ours.headers(), data={"version": "1"})
    for answer in (person, program):
        assert answer.status_code == 200
        assert "Ours-" in answer.text
        assert logged_secrets.found_in(answer.text) == []
        secrets = [TOKEN, ours.app.secret(ours.shop).hex(), str(ours.ids["desk_token"]).partition(".")[2], "sealed_"]
        assert [secret for secret in secrets if secret in answer.text] == []


# ---- Logs


def test_trouble_is_logged_by_its_places_and_kinds_without_words_or_values() -> None:
    """What an exception says may be anybody's name: a KeyError repeats the key, a database what it was given."""

    def fails(name: str) -> None:
        try:
            raise KeyError(name)
        except KeyError as inner:
            raise ValueError(f"not {name}") from inner

    with pytest.raises(ValueError, match="not Anna") as raised:
        fails("Anna Nguyen")
    told = places((raised.type, raised.value, raised.tb))
    assert re.findall(r"^\w+$", told, re.MULTILINE) == ["KeyError", "ValueError"]
    assert "in fails" in told
    assert "Anna" not in told


LEAKS = {
    "an e-mail address": "to anna.lee@example.com",
    "a token": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.abc",
    "a signature": "eyJhbGciOiJSUzI1NiJ9..abc",
    "the app's token": f"token={TOKEN}",
    "a key": "a2V5IG9mIHRoZSB0ZXN0czogb2YgMzIgYnl0ZXMgOik=",
    "something sealed": "gAAAAABmXk5xq0Zl2v7s9d3f5g7h9j1k3l5m7n9p1q3r5s7t",
    "a desk's token": "1.yE1nqU0TnJQyYIMDb3zqkBQW3jJb3zqkBQW3jJbTnJQ",
    "a password": "postgresql://me:pass@host/x",
    "a name": "for Friederike,",
    "a name in the way of JSON": "Fran\\u00e7ois",
    "a name in another script": "鈴木様",
}


@pytest.mark.parametrize("line", LEAKS.values(), ids=LEAKS)
def test_the_search_of_all_logs_finds_what_must_not_be_there(line: str) -> None:
    """tests/conftest.py looks so through what each test logged; here it is seen that it would find something."""
    assert logged_secrets.found_in(f'{{"event": "x", "what": "{line}"}}')


def test_the_search_of_all_logs_leaves_ordinary_lines_alone() -> None:
    lines = (
        '{"event": "round_done", "shop": 12, "order": "9f86d081884c7d65", "seconds": 1.2345678901234567}',
        'File "/srv/x.py", line 3, in y', "GET /panel/now 2026-06-15T12:00:00.000000Z worker=host.domain-12",
    )  # fmt: skip
    assert [found for line in lines for found in logged_secrets.found_in(line)] == []


def test_what_processes_write_into_a_file_of_their_own_is_searched_as_well(tmp_path: Path) -> None:
    log = tmp_path / "log"
    app = running_app(tmp_path / "data", "http://127.0.0.1:9/graphql/", log=log)
    with pytest.raises(AssertionError, match="a name: Friederike"), app:
        log.write_text("hello Friederike\n")
