"""The vault: decides who may do what with a storage, and keeps what was decided."""
