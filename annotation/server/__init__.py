"""A Label Studio server of our own: its environment, its data folder, its life and its end."""
