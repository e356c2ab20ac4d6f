"""The journal: every answered request is in exactly one line of a chain that shows when it was changed."""
