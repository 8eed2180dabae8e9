"""Measures: `make bench`. Ratios within one run on this machine; absolute figures only mean something beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # processes, postgres_server
