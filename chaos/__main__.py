"""`make chaos`: plays every scene, or those named, and counts what is there afterwards. Ends by itself, with 1 when
anything was lost or double.

`make chaos ARGS="--orders 1000 --only processes-killed --database postgresql"`
"""

import argparse
import sys
import time

from chaos.judge import judge
from chaos.scenes import SCENES, Scene, sweep
from chaos.stage import stage

from postgres_server import pg_ctl  # isort: skip - `chaos.stage` puts its folder on the path

DATABASES = ("sqlite", "postgresql")
SHOWN = 10


def main() -> None:
    """Read the command line, play, say how it was."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Faults on purpose, and the count afterwards.")
    parser.add_argument("--orders", type=int, default=200, help="orders in each scene")
    parser.add_argument("--only", action="append", choices=[scene.name for scene in SCENES], help="one scene")
    parser.add_argument("--database", choices=DATABASES, help="one of the databases; both otherwise")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wanted = [scene for scene in SCENES if not asked.only or scene.name in asked.only]
    databases = [asked.database] if asked.database else list(DATABASES)
    if "postgresql" in databases and pg_ctl() is None:
        print("PostgreSQL is not installed: its half is left out.")
        databases.remove("postgresql")
    good = [
        play(scene, orders=asked.orders, postgres=database == "postgresql", seed=asked.seed)
        for database in databases
        for scene in wanted
        if database == "postgresql" or not scene.needs_postgres
    ]
    sys.exit(not all(good))


def play(scene: Scene, *, orders: int, postgres: bool, seed: int = 1) -> bool:
    """Play one scene to its end and print a line about it; return whether all was as it should be."""
    with stage(postgres=postgres, seed=seed, workers=scene.workers) as here:
        started = time.monotonic()
        scene.play(here, orders)
        patience = 60 + orders / 2
        here.come_to_rest(seconds=patience)
        missed = sum("has no parcel" in fault for fault in judge(here)) if scene.sweeps else 0
        if scene.sweeps:
            sweep(here)
            here.come_to_rest(seconds=patience)
        faults = judge(here)
        seconds = time.monotonic() - started
    by_sweep = f", {missed} of them brought by the sweep" if missed else ""
    verdict = f"{len(faults)} FAULTS" if faults else "as it should be"
    database = "PostgreSQL" if postgres else "SQLite"
    print(
        f"{scene.name:32} {database:10} {len(here.placed):5} orders{by_sweep}, {seconds:.0f} s: {verdict}", flush=True
    )
    for fault in faults[:SHOWN]:
        print(f"    {fault}")
    return not faults


if __name__ == "__main__":
    main()
