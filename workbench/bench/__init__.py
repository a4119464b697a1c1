"""The bench: opens, queues, supervises, extends and answers runs."""
