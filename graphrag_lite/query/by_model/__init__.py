"""Answers by a chat model, of which every citation becomes a sentence of a stored document."""
