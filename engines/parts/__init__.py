"""What at least two methods need: models, data, and later scoring, training and metrics. Knows no method and no page.

Importing a module of this package loads no torch and no transformers; functions that need them import them inside.
"""
