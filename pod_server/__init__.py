"""The server: HTTP, sign-in pages, and the processes that carry the vault."""
