"""The engine and the app against their peers, in one run on one machine: `python -m benchmarks`.

Every measurement is a process of its own, so that its peak memory is its own. Ratios are what counts; seconds are this
machine's.
"""
