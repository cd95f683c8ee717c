"""A document's way in: one step, one file."""
