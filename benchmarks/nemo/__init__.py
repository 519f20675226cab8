"""NeMo Data Designer: its environment, and the calls it makes there."""
