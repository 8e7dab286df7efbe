"""Text to `Project`: strict reading, confined templates, every mistake at once. Only `load` does I/O."""
