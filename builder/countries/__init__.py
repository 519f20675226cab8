"""Country packs: what a country brings, whether that is enough, and what is still to be done for it."""
