"""Schedules: when a template runs by itself, and what becomes of each run."""
