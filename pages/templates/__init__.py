"""Templates: the gallery, its dialogs, and running one on a new file."""
