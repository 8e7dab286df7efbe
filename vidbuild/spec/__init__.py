"""Text to `Project`: strict reading, confined templates, every mistake at once. Only `load` touches the disk."""
