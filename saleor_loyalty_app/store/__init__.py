"""Remembers: SQLAlchemy Core tables and functions; every function takes a connection and the shop first."""
