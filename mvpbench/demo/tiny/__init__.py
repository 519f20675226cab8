"""The tiny model of the demo: its exercises, its training script, its weights."""
