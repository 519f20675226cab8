"""How far raters are, and who and what needs attention: on a terminal, live, as a page, as JSON."""

from annotation.status.live import watch
from annotation.status.run import look, status, told

__all__ = ["look", "status", "told", "watch"]
