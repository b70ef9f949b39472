"""Data: the list, one dataset, where it comes from, how it was read."""
