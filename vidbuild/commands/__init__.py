"""What the commands do once their options are read; one file a family."""
