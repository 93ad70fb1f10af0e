"""Files that hold a whole cut, taken apart into the folder of a cut."""
