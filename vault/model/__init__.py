"""Values of the vault; they import nothing but errors."""
