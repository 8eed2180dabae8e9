"""Faults on purpose: real processes against a shop that misbehaves, and the count of what is there afterwards."""
