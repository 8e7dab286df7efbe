"""The kinds of scene, one file each, and the choice among them by a prompt's words."""
