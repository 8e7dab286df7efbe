"""What a build needs of the machine that it runs on, looked after one thing at a time: `doctor` tells it.

Nothing is changed that stays: what is written for a look is removed.
"""
