"""Batched decoding: sampling, constraints, stops, and its fallback."""
