"""The entity graph and its communities."""
