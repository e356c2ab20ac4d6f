"""Linked data: reading and writing documents, container listings, validation. Nothing here fetches."""
