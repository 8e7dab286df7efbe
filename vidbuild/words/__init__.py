"""The lowest floor: values only, standard library only. It knows nothing of YAML, ffmpeg, stores or vendors."""
