"""Telling people what went on without them."""
