"""A project to timelines to one graph, priced. Pure: what the world must tell first comes in as values."""
