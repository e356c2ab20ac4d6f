"""What was kept: versions of resources, what was removed, and the ways back, none of which lets anybody in."""
