"""Figures that the bench draws by itself: the intervals of a run's metrics, the only ones that outcomes get."""
