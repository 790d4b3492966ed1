"""Measures the estimator: simulated and real runs, peers, bounds, one report. Not collected by pytest."""
