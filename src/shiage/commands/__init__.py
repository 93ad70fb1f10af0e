"""The commands of `shiage`, one file each: parse, call, print.

On top of everything else. `cli.py` finds a command by the name of its file.
"""
