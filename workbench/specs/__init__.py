"""A run as a value in other forms: YAML, flags, Python, links."""
