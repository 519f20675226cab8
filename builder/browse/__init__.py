"""What was generated, as one page of HTML to leaf through: every question with the people it is put to."""

from builder.browse.data import Cost, Generated
from builder.browse.render import page
from builder.browse.run import browse

__all__ = ["Cost", "Generated", "browse", "page"]
