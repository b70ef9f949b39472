"""Templates: exports people keep, and all that is done with them."""
