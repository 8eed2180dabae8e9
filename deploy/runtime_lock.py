"""Prints those entries of a lock file that the wheel needs to run: `runtime_lock.py WHEEL LOCK`.

Run in an environment where everything of the lock file is installed; the lock file itself says versions and hashes.
"""

import re
import sys
import zipfile
from email import message_from_bytes
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def main() -> None:
    """Follow what needs what, from the wheel on, and print the entries in their order."""
    wheel, lock = map(Path, sys.argv[1:])
    with zipfile.ZipFile(wheel) as archive:
        name = next(file for file in archive.namelist() if file.endswith(".dist-info/METADATA"))
        first = message_from_bytes(archive.read(name)).get_all("Requires-Dist", [])
    needed: set[str] = set()
    todo = [(text, frozenset[str]()) for text in first]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        text, extras = todo.pop()
        requirement = Requirement(text)
        wanted = [{"extra": extra} for extra in sorted(extras)] or [{"extra": ""}]
        if requirement.marker and not any(requirement.marker.evaluate(one) for one in wanted):
            continue
        package = canonicalize_name(requirement.name)
        if (package, frozenset(requirement.extras)) in seen:
            continue
        seen.add((package, frozenset(requirement.extras)))
        needed.add(package)
        try:
            todo += [(one, frozenset(requirement.extras)) for one in requires(package) or []]
        except PackageNotFoundError:
            sys.exit(f"{package} is not installed here, so what it needs is not known.")
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
    locked = {canonicalize_name(re.split(r"[=\[ ;]", entry, maxsplit=1)[0]): entry.rstrip() for entry in entries}
    if missing := needed - locked.keys():
        sys.exit(f"The lock file lacks {', '.join(sorted(missing))}.")
    print("\n".join(entry for package, entry in locked.items() if package in needed))


if __name__ == "__main__":
    main()
