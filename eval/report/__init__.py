"""The report of an evaluation: one page of HTML that needs nothing beside itself."""

from eval.report.curves import Curve
from eval.report.page import render

__all__ = ["Curve", "render"]
