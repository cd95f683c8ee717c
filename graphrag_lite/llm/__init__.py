"""Chat and embedding models behind two small protocols."""
