"""The page: `shiage ui` serves it on this machine, for looking, correcting and propagating."""
