"""What is done to the program so that it might lose something, and what it lost: `make faults`.

Part of the evals, since it measures the whole program and writes a table into the README; a test would say only that it held.
"""
