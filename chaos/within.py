"""What happens inside the app's processes: functions at points are wrapped, and the clock follows a file."""

import functools
import importlib
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import time_machine

from chaos.points import ARMED, CLOCK, FOLDER, WEB, WORKER, Point

LOOK_AT_CLOCK_SECONDS = 0.1


def install() -> None:
    """Wrap the points of this process's half of the app, and begin to follow the clock."""
    folder = Path(os.environ[FOLDER])
    is_worker = "worker" in sys.orig_argv
    importlib.import_module("saleor_loyalty_app.engine" if is_worker else "saleor_loyalty_app.asgi")
    fuse = _Fuse(folder / ARMED)
    for module, function in dict.fromkeys((point.module, point.function) for point in (WORKER if is_worker else WEB)):
        _wrap(module, function, fuse)
    threading.Thread(target=_follow_clock, args=(folder / CLOCK, os.getppid()), name="clock", daemon=True).start()


class _Fuse:
    """The armed point as this process last read it, and how often it still passes there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[int, Point, int, int] | None = None
        self._passed = 0
        self._lock = threading.Lock()

    def pass_by(self, module: str, function: str, after: bool, given: tuple[Any, ...]) -> None:
        """Come to a place; nothing is left of this process when the armed point is here."""
        try:
            written = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return
        with self._lock:
            armed = self._armed(written)
            if armed is None or (armed.module, armed.function, armed.after) != (module, function, after):
                return
            if armed.detail and not any(isinstance(one, str) and one.startswith(armed.detail) for one in given):
                return
            self._passed += 1
            _, _, nth, by = self._read or (0, armed, 0, 0)
            if self._passed < nth:
                return
            try:
                self._file.unlink()
            except FileNotFoundError:
                return  # another process was faster
        os.kill(os.getpid(), by)

    def _armed(self, written: int) -> Point | None:
        if self._read is None or self._read[0] != written:
            try:
                told = json.loads(self._file.read_text())
            except FileNotFoundError:
                return None
            self._read, self._passed = (written, Point(**told["point"]), told["nth"], told["signal"]), 0
        return self._read[1]


def _wrap(module_name: str, path: str, fuse: _Fuse) -> None:
    """Put the wrapped function wherever the app has the function by its name."""
    holder: Any = importlib.import_module(module_name)
    *outer, name = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    original = getattr(holder, name)
    wrapped = _wrapped(original, module_name, path, fuse)
    setattr(holder, name, wrapped)
    for module in [one for key, one in sys.modules.items() if key.startswith("saleor_loyalty_app")]:
        if isinstance(module, ModuleType) and vars(module).get(name) is original:
            setattr(module, name, wrapped)


def _wrapped(original: Callable[..., Any], module: str, path: str, fuse: _Fuse) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def called(*arguments: Any, **named: Any) -> Any:
            given = (*arguments, *named.values())
            fuse.pass_by(module, path, False, given)
            result = await original(*arguments, **named)
            fuse.pass_by(module, path, True, given)
            return result

        return called

    @functools.wraps(original)
    def call(*arguments: Any, **named: Any) -> Any:
        given = (*arguments, *named.values())
        fuse.pass_by(module, path, False, given)
        result = original(*arguments, **named)
        fuse.pass_by(module, path, True, given)
        return result

    return call


def _follow_clock(file: Path, parent: int) -> None:
    """Move this process's clock, all of it but the monotonic one, whenever the file says so. When whoever started this
    process is gone, it is not left behind."""
    moved, travel = 0.0, None
    while os.getppid() == parent:
        time.sleep(LOOK_AT_CLOCK_SECONDS)
        wanted = float(file.read_text()) if file.exists() else 0.0
        if wanted == moved:
            continue
        if travel:
            travel.stop()
        travel = time_machine.travel(time_machine.escape_hatch.time.time() + wanted, tick=True)
        travel.start()
        moved = wanted
    os._exit(1)
