"""Where things run: a disk that is small, and machines of their own as far as the network goes.

Both need root and parts of the system (mount; ip of iproute2). `missing` says what is not there.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NETWORK = "10.213.77"
POSTGRES_PORT = 5432


def missing(*, disk: bool = False, network: bool = False) -> str:
    """Why such places can't be had here; empty when they can."""
    if not (disk or network):
        return ""
    if os.geteuid() != 0:
        return "it takes root"
    for needed, program in ((disk, "mount"), (network, "ip")):
        if needed and shutil.which(program) is None:
            return f"the program {program!r} is not installed"
    if disk:
        return _why_not("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tempfile.gettempdir())
    return _why_not("unshare", "-n", "ip", "link", "add", "probe", "type", "bridge")


def _why_not(*command: str) -> str:
    tried = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    return "" if tried.returncode == 0 else f"the system does not allow it ({tried.stderr.strip()})"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of so many megabytes at a folder, which is gone afterwards with all that is on it."""
    _do("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder))
    try:
        yield
    finally:
        _do("umount", "-l", str(folder))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No room is left on the disk of a folder as long as the block runs."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


@dataclass(frozen=True, slots=True)
class Places:
    """Machines named worker-1, worker-2 … behind one bridge. Over there, localhost is this machine."""

    bridge: str
    hosts: Path

    @classmethod
    @contextmanager
    def made(cls, count: int, folder: Path) -> Iterator[Self]:
        """So many machines, which are gone afterwards."""
        bridge = f"chaos{os.getpid() % 100000}"
        hosts = folder / "hosts"
        hosts.write_text(f"{NETWORK}.1 localhost\n")
        here = cls(bridge, hosts)
        names = [f"worker-{number + 1}" for number in range(count)]
        try:
            _do("ip", "link", "add", bridge, "type", "bridge")
            _do("ip", "addr", "add", f"{NETWORK}.1/24", "dev", bridge)
            _do("ip", "link", "set", bridge, "up")
            for number, name in enumerate(names):
                here._add(name, f"{NETWORK}.{number + 10}")
            yield here
        finally:
            for name in names:
                _do("ip", "netns", "delete", here._space(name), check=False)
            _do("ip", "link", "delete", bridge, check=False)

    @property
    def address(self) -> str:
        """Of this machine, as the others see it."""
        return f"{NETWORK}.1"

    @property
    def database_url(self) -> str:
        """Of the server on this machine, as the others reach it."""
        return f"postgresql+psycopg://postgres@{self.address}:{POSTGRES_PORT}/postgres"

    def inside(self, name: str) -> list[str]:
        """What runs a command over there."""
        script = f'mount --bind {self.hosts} /etc/hosts && hostname {self.bridge}-twin && exec "$@"'
        return ["ip", "netns", "exec", self._space(name), "unshare", "-u", "sh", "-c", script, "sh"]

    def cut_off(self, name: str) -> None:
        """Pull its cable: neither database nor shop can be reached from there, nor know why."""
        _do("ip", "link", "set", self._cable(name), "down")

    def connect(self, name: str) -> None:
        """Plug its cable in again."""
        _do("ip", "link", "set", self._cable(name), "up")

    def _add(self, name: str, address: str) -> None:
        space, cable = self._space(name), self._cable(name)
        inner = f"{cable}i"
        _do("ip", "netns", "add", space)
        _do("ip", "link", "add", cable, "type", "veth", "peer", "name", inner)
        _do("ip", "link", "set", inner, "netns", space)
        _do("ip", "link", "set", cable, "master", self.bridge)
        _do("ip", "link", "set", cable, "up")
        for command in (("link", "set", "lo", "up"), ("addr", "add", f"{address}/24", "dev", inner),
                        ("link", "set", inner, "up")):  # fmt: skip
            _do("ip", "-n", space, *command)

    def _space(self, name: str) -> str:
        return f"{self.bridge}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self.bridge}{name[-1]}"


def _do(*command: str, check: bool = True) -> None:
    subprocess.run(command, check=check, capture_output=True)  # noqa: S603
