"""What a Desk can do: one module per noun, one function per button. Screens and API call the same functions."""

__version__ = "0.1.0"
