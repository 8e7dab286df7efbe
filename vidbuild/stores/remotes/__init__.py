"""Places that others can reach too: objects by path, `ac/<key>` and `cas/<digest>`. A module for each kind of place.

They give what they are asked for and believe nothing of it: `tiered` verifies. Trouble is an exception of its own.
"""
