"""Finds the project's own files (documents, templates, manifest), in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "_files"


def project_path(relative: str) -> Path:
    """The path of a file or folder that stands beside the package in a checkout: "graphql", "templates" …"""
    return (_SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent) / relative


@cache
def project_text(relative: str) -> str:
    """The text of such a file, read once."""
    return project_path(relative).read_text(encoding="utf-8")


@cache
def package_text(relative: str) -> str:
    """The text of a file inside the package, read once."""
    return (_PACKAGE / relative).read_text(encoding="utf-8")
