"""The public doubles: memory stores, a recording runner, tiny clips, the judge of frames."""
