"""The tables, snapshots and locks of one knowledge base."""
