"""One file of HTML that needs nothing beside itself: what the pages of this house share."""

from mvpbench.page.frame import data_block, environment, policy, require_page_name, seen

__all__ = ["data_block", "environment", "policy", "require_page_name", "seen"]
