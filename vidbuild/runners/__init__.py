"""Who makes things: ffmpeg, the local engine, vendors. A runner is told what to make and never looks anything up."""
