"""vidbuild: a build system for AI video. The public names are in `vidbuild.testing` and the command line."""

__version__ = "0.1.0"
