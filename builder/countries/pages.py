"""Markdown pages from templates: everything that is filled in is escaped, whoever wrote it."""

from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.markdown import escape

FOLDER = Path(__file__).parent / "templates"


def render_page(template: str, **told: object) -> str:
    """Return the Markdown that `templates/<template>` makes of what it is told."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # that is for HTML; `finalize` escapes for Markdown
        finalize=lambda value: escape(str(value)),
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["plain"] = lambda text: text.replace("`", "")
    return environment.get_template(template).render(told).strip() + "\n"
