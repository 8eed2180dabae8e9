"""What an installation of each released version held: a piece of what that version's own demo had written, and, for
tables that a demo leaves empty, rows as its services write them. What is sealed stands here in plain text.
"""

import base64
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import JSON, Date, DateTime, MetaData, Table, insert, select
from sqlalchemy.sql.type_api import TypeEngine

from saleor_loyalty_app.store.copy_all import count_on
from saleor_loyalty_app.store.database import Database
from saleor_loyalty_app.store.migrate import alembic_config
from saleor_loyalty_app.store.secrets import Vault

Rows = dict[str, list[dict[str, Any]]]

RELEASED = {"0.1.0": "0001", "0.2.0": "0002", "0.3.0": "0003"}
"""The migration that each released version left a database at."""
FOLDER = Path(__file__).parent / "released"


def install_released(database: Database, version: str, vault: Vault) -> Rows:
    """Bring an empty database to where a version left it, with its rows; return these as they are read."""
    with database.write() as db:
        command.upgrade(alembic_config(db), RELEASED[version])
    tables = reflected(database)
    rows = {
        name: [{column: _read(tables[name], column, value, vault) for column, value in row.items()} for row in found]
        for name, found in json.loads((FOLDER / f"{version}.json").read_text(encoding="utf-8")).items()
    }
    with database.write() as db:
        for table in tables.values():
            if rows.get(table.name):
                db.execute(insert(table), rows[table.name])
                count_on(db, table)
    return rows_of(database)


def rows_of(database: Database) -> Rows:
    """Everything that stands in a database, by table, in the order of its keys."""
    with database.read() as db:
        return {
            name: [dict(row) for row in db.execute(select(table).order_by(*table.primary_key.columns)).mappings()]
            for name, table in reflected(database).items()
        }


def reflected(database: Database) -> dict[str, Table]:
    """The tables as the database itself describes them, parents first."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}


def _read(table: Table, column: str, value: Any, vault: Vault) -> Any:
    if isinstance(value, dict):
        (kind, inside), = value.items()  # fmt: skip
        return {"json": lambda: inside, "sealed": lambda: vault.seal(inside.encode()),
                "base64": lambda: base64.b64decode(inside)}[kind]()  # fmt: skip
    return _moment(table.c[column].type, value)


def _moment(type_: TypeEngine[Any], value: Any) -> Any:
    if value is None or isinstance(type_, JSON):
        return value
    if isinstance(type_, DateTime):
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if type_.timezone else at
    return date.fromisoformat(value) if isinstance(type_, Date) else value
