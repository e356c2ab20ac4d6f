"""Apps outside the server: they speak HTTP only, so that anybody can replace them."""
