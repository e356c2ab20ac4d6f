"""Names from the standards and from the domain; a leaf that knows nothing of the rest."""
