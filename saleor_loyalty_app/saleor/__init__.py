"""Speaks Saleor: client, signatures, tokens, manifest, payloads, and what is told to the shop."""
