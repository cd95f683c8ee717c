"""Words, names, sentences and token counts of English and Chinese text; shared by indexing and querying."""
