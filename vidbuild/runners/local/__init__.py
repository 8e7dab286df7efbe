"""The local engine's drawing floor: pictures, footage, beds and cards made by this machine alone.

Pure functions: values in, bytes or arrays out. Knows nothing of actions, files, ffmpeg or the lock.
"""
