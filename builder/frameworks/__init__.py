"""Value frameworks as data: one YAML file each, read by `load_framework`."""

from builder.frameworks.load import built_in_frameworks, framework_path, load_framework

__all__ = ["built_in_frameworks", "framework_path", "load_framework"]
