"""A question's way through."""
