"""Measures: `make bench`. Ratios within one run on this machine; absolute figures only mean something beside them."""
