"""Value frameworks as data: one YAML file each, read by `load_framework`, and their words in other languages."""

from builder.frameworks.load import built_in_frameworks, framework_path, load_framework
from builder.frameworks.words import Words, framework_words, words_files

__all__ = ["Words", "built_in_frameworks", "framework_path", "framework_words", "load_framework", "words_files"]
