"""New export: the screen, its parts, and the draft they edit."""
