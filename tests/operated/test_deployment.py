"""What `deploy/` holds fits the app: settings, metrics, units; and the wheel holds every file that the app reads."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from factories import make_settings
from panel_house import House

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the container file's build step makes, from a copy that holds only what it copies."""
    folder = tmp_path_factory.mktemp("wheel")
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        source, target = ROOT / name, folder / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__")) if source.is_dir() else (
            shutil.copy(source, target)
        )
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir",
         str(folder), "."], cwd=folder / "src", check=True, timeout=300,
    )  # fmt: skip
    (made,) = folder.glob("*.whl")
    return made


def test_every_setting_that_is_named_there_exists() -> None:
    known = {f"LOYALTY_{name.upper()}" for name in Settings.model_fields}
    named = {(path.name, name) for path in FILES for name in re.findall(r"LOYALTY_[A-Z_]+", path.read_text())}
    assert len(named) > 8
    assert {(file, name) for file, name in named if name not in known} == set()


def test_every_metric_of_the_alert_rules_is_measured_and_documented(app: App) -> None:
    house = House(replace(app, settings=make_settings(app.settings.data_dir, metrics_token="t")))
    house.failed("order:1")
    shown = house.client.get("/metrics", headers={"Authorization": "Bearer t"}).text
    documented = (ROOT / "docs" / "operations.md").read_text()
    names = set(re.findall(r"loyalty_\w+", (DEPLOY / "alerts.yaml").read_text()))
    assert len(names) > 5
    assert {name for name in names if f"# TYPE {name.removesuffix('_count')}" not in shown} == set()
    families = set(re.findall(r"^# TYPE (loyalty_\w+) ", shown, re.MULTILINE))
    families = {name for name in families if not name.endswith("_created")}
    assert {name for name in families if name not in documented} == set()


def test_the_compose_file_starts_web_and_worker_of_one_image_when_the_database_answers() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: service for name, service in services.items() if "build" in service}
    assert {service["command"][0] for service in ours.values()} == {"run", "worker"}
    (database,) = services.keys() - ours.keys()
    assert all(service["depends_on"][database]["condition"] == "service_healthy" for service in ours.values())
    assert "healthcheck" in services[database]
    assert "ports" not in services[database], "the database is reached from inside only"
    told = {name: (DEPLOY / f"{service['env_file']}.example").read_text() for name, service in services.items()}
    assert [name for name, text in told.items() if "LOYALTY_SECRET_KEY" not in text] == [database]


def test_the_systemd_unit_is_understood(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    unit = (DEPLOY / "best-regards.service").read_text().replace("/opt/best-regards/bin/saleor-loyalty", "/bin/true")
    (tmp_path / "best-regards.service").write_text(unit)
    said = subprocess.run(  # noqa: S603
        ["systemd-analyze", "verify", str(tmp_path / "best-regards.service")],  # noqa: S607
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert [line for line in said.stderr.splitlines() if "best-regards" in line] == []


def test_the_body_limit_of_the_proxies_is_the_apps_own(tmp_path: Path) -> None:
    assert make_settings(tmp_path).max_body_bytes == 2_000_000
    assert "client_max_body_size 2m" in (DEPLOY / "nginx.conf").read_text()
    assert "proxy_request_buffering on" in (DEPLOY / "nginx.conf").read_text()
    assert "max_size 2MB" in (DEPLOY / "Caddyfile").read_text()


def test_the_container_gets_every_file_of_the_app_and_none_besides(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {str(path.relative_to(ROOT)) for path in _files(ROOT / "saleor_loyalty_app")}
    for folder in ("graphql", "templates"):
        expected |= {f"saleor_loyalty_app/_files/{path.relative_to(ROOT)}" for path in _files(ROOT / folder)}
    expected.add("saleor_loyalty_app/_files/manifest.json")
    assert inside == expected


def test_the_wheel_runs_in_an_empty_folder_with_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """The installed app, not the checkout: pages, documents, translations and fonts come out of the wheel."""
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    program = (
        "import saleor_loyalty_app; from saleor_loyalty_app.asgi import make\n"
        "from saleor_loyalty_app.services.app import open_app; from saleor_loyalty_app.web import create_app\n"
        "from saleor_loyalty_app.serve import migrate_first; from saleor_loyalty_app.settings import load_settings\n"
        "print(saleor_loyalty_app.__file__); migrate_first(load_settings()); make()\n"
        "client = create_app(open_app(load_settings())).test_client()\n"
        "print([client.get(path).status_code for path in ('/readyz', '/api/manifest', '/', '/panel/', '/privacy')])\n"
    )
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={"PYTHONPATH": str(installed), "LOYALTY_DATA_DIR": str(tmp_path / "data"), "LOYALTY_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    where, statuses = said.stdout.splitlines()[-2:]
    assert where.startswith(str(installed))
    assert statuses == "[200, 200, 200, 401, 200]"


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.is_symlink():
            yield path
