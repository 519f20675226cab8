"""Value frameworks as data: one YAML file each, read by `load_framework`."""

from builder.frameworks.load import framework_path, load_framework

__all__ = ["framework_path", "load_framework"]
