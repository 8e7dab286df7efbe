"""Models and platforms as data, and the loader that makes values of it."""
