"""Taking a storage or a whole server along, bringing it back, and letting it go: none of these widens access."""
