"""`make chaos`: plays every scene, or those named, and judges what is there afterwards. Ends by itself, with 1 when
anything was lost or double.

`make chaos ARGS="--orders 1000 --only killed-at-every-point --database postgresql"`
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from chaos.judge import Undisturbed, decisions, judge
from chaos.places import missing
from chaos.scenes import SCENES, Scene
from chaos.set_up import stage
from chaos.stage import Stage

from postgres_server import pg_ctl  # isort: skip - `chaos.stage` puts its folder on the path

DATABASES = ("sqlite", "postgresql")
SHOWN = 10
CALM = SCENES[0]
SLOW = {"shop-down-for-ten-minutes"}
"""Played when named, or with --all."""


def main() -> None:
    """Read the command line, play, say how it was."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Faults on purpose, and the judge afterwards.")
    parser.add_argument("--orders", type=int, default=200, help="orders in each scene")
    parser.add_argument("--only", action="append", choices=[scene.name for scene in SCENES], help="one scene")
    parser.add_argument("--database", choices=DATABASES, help="one of the databases; both otherwise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="also the scenes that take their time")
    parser.add_argument("--alone", action="store_true", help="without the undisturbed run to compare with")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is put away
    wanted = [
        scene for scene in SCENES
        if (scene.name in asked.only if asked.only else asked.all or scene.name not in SLOW)
    ]  # fmt: skip
    good = [
        play(scene, orders=asked.orders, database=database, seed=asked.seed, compare=not asked.alone)
        for database in DATABASES
        for scene in wanted
        if asked.database in {None, database} and database in scene.databases
    ]
    sys.exit(not all(good))


def play(scene: Scene, *, orders: int, database: str, seed: int = 1, compare: bool = True) -> bool:
    """Play one scene to its end and print a line about it; return whether all was as it should be, or not possible."""
    orders = min(orders, scene.most_orders)
    if why_not := _why_not(scene, database):
        print(f"{scene.name:28} {database:10} left out: {why_not}", flush=True)
        return True
    calm = undisturbed(orders, database, seed) if compare and scene is not CALM else None
    started, log = time.monotonic(), Path(tempfile.gettempdir()) / f"chaos-{scene.name}-{database}.log"
    with stage(scene.on(database), seed=seed) as here:
        faults = played(scene, here, orders, calm)
        told = [f"{len(here.placed) + len(here.more):5} orders", f"{time.monotonic() - started:.0f} s", *here.said]
        if faults:
            shutil.copy(here.folder / "log", log)
        if fallen := here.fallen.total():
            told.append(f"{fallen} times a process was started again")
    verdict = f"{len(faults)} FAULTS" if faults else "as it should be"
    print(f"{scene.name:28} {database:10} {', '.join(told)}: {verdict}", flush=True)
    if faults:
        print(f"    What the app logged stands in {log}")
    for fault in faults[:SHOWN]:
        print(f"    {fault}", flush=True)
    return not faults


def played(scene: Scene, here: Stage, orders: int, calm: Undisturbed | None) -> list[str]:
    """Play on a stage that stands, wait until all is at rest, and judge."""
    try:
        scene.play(here, orders)
        here.come_to_rest(seconds=180 + orders)
    except (AssertionError, TimeoutError) as never:
        return [f"it did not come to rest: {never}", *judge(here)]
    return judge(here, calm)


@cache
def undisturbed(orders: int, database: str, seed: int) -> Undisturbed:
    """What the same orders come to when nothing goes wrong."""
    with stage(CALM.on(database), seed=seed) as here:
        CALM.play(here, orders)
        here.come_to_rest(seconds=180 + orders)
        return decisions(here)


def _why_not(scene: Scene, database: str) -> str:
    if database == "postgresql" and pg_ctl() is None:
        return "PostgreSQL is not installed"
    return missing(disk=bool(scene.setting.disk_megabytes), network=scene.setting.places)


if __name__ == "__main__":
    main()
