"""What is done to resources once it was decided that it may be done; nothing here knows who may what."""
