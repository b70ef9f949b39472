"""Schedules: the list, one with its runs, the form, the calendar."""
