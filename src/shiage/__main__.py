"""`python -m shiage` is `shiage`."""

from shiage.cli import main

main()
