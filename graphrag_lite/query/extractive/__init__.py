"""Answers without a model: quoted from the documents, sentence by sentence."""
