"""Decides: pure functions on frozen data; no Flask, SQL, HTTP, clock, environment, randomness or logging here."""
