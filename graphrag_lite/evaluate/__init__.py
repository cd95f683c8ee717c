"""Questions, metrics and their report."""
