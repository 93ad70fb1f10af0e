"""A drawing's pixels: lines, gaps in them, the segments they enclose."""
