"""The bundled sample: made-up people in the shape of PRISM, drawn by `mvpbench.demo.draw_sample`."""

from pathlib import Path

SAMPLE = Path(__file__).parent
"""The folder with survey.jsonl, conversations.jsonl and the codebook that marks them synthetic."""

__all__ = ["SAMPLE"]
