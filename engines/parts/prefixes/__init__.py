"""Shared prefixes and key-value caches of batches."""
