"""What a survey file holds, as a record and as one page of HTML that needs nothing beside itself."""

from builder.overview.measure import measure
from builder.overview.page import render
from builder.overview.run import overview_page

__all__ = ["measure", "overview_page", "render"]
