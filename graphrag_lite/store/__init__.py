"""The tables, manifests and locks of one knowledge base."""
