"""Each line of docs/security.md is shown by a test, and that test is there."""

import ast
import re
from functools import cache

from saleor_loyalty_app.files import project_path

PAGE = project_path("docs/security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


@cache
def named_in(path: str) -> set[str]:
    tree = ast.parse(project_path(path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_threat_model_names_is_there() -> None:
    assert len(NAMED) > 50
    assert [f"{path}::{name}" for path, name in NAMED if name not in named_in(path)] == []


def test_every_line_of_the_threat_model_names_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.rstrip(" |").endswith("shown by")]
    assert len(lines) > 50
    assert [line for line in lines if "`tests/" not in line] == [
        "| the operator | wholly: the settings, the machine, the key, the database | – |"
    ]
