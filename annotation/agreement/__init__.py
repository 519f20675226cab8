"""How far raters agree: of a study, or of any ratings file."""

from annotation.agreement.items import agree_items
from annotation.agreement.named import RatingsFile
from annotation.agreement.run import agree_file, agree_study

__all__ = ["RatingsFile", "agree_file", "agree_items", "agree_study"]
