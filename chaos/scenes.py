"""Every scene, in one table: what is played while orders come, on which stage, and what it is called in the task.

Each ends with everything in order again; what must hold then is the judge's business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chaos import with_app, with_machines, with_shop
from chaos.stage import Setting, Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene and its stage."""

    play: Callable[[Stage, int], None]
    setting: Setting = field(default_factory=Setting)
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    most_orders: int = 100_000
    """A scene that is slow by nature stays with so many."""

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return self.play.__name__.replace("_", "-")

    def on(self, database: str) -> Setting:
        """The stage for one of the databases."""
        return replace(self.setting, postgres=database == "postgresql")


SQLITE, POSTGRES = ("sqlite",), ("postgresql",)
IN_LIFE = 1.0
TWO, FOUR = 2, 4

SCENES = (
    Scene(with_app.calm),
    # Processes
    Scene(with_app.killed_at_random),
    Scene(with_app.killed_at_every_point),
    Scene(with_app.everything_at_once, Setting(retry_scale=0.2)),
    Scene(with_app.clocks_jump),
    # The shop
    Scene(with_shop.six_times_and_mixed),
    Scene(with_shop.orders_gone),
    Scene(with_shop.shop_fails),
    Scene(with_shop.shop_slow, Setting(settle_seconds=25), most_orders=40),
    Scene(with_shop.shop_down),
    Scene(with_shop.shop_down_for_ten_minutes, Setting(settle_seconds=25), most_orders=400),
    Scene(with_shop.shop_wants_pauses),
    Scene(with_shop.token_unknown),
    Scene(with_shop.permission_taken),
    Scene(with_shop.shop_changes_version, Setting(version="3.22.67")),
    Scene(with_shop.key_changes, Setting(retry_scale=0.2)),
    Scene(with_shop.deactivated_in_between),
    Scene(with_shop.installed_again),
    # Database and machines
    Scene(with_machines.database_restarts, databases=POSTGRES),
    Scene(with_machines.database_away_for_a_minute, Setting(retry_scale=IN_LIFE), databases=POSTGRES),
    Scene(with_machines.file_locked, Setting(retry_scale=0.5), databases=SQLITE),
    Scene(with_machines.disk_full, Setting(disk_megabytes=24, retry_scale=0.2), databases=SQLITE),
    Scene(with_machines.disk_of_server_full, Setting(disk_megabytes=256, retry_scale=0.2), databases=POSTGRES),
    Scene(with_machines.one_worker_lost, Setting(workers=TWO), databases=POSTGRES),
    Scene(with_machines.two_workers_lost, Setting(workers=FOUR), databases=POSTGRES),
    Scene(with_machines.one_worker_stands_still, Setting(workers=TWO), databases=POSTGRES),
    Scene(with_machines.one_of_two_cut_off, Setting(workers=TWO, places=True, settle_seconds=25), databases=POSTGRES),
    Scene(with_machines.two_of_four_cut_off, Setting(workers=FOUR, places=True, settle_seconds=25),
          databases=POSTGRES),
)  # fmt: skip
