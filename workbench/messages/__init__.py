"""Sentences of the page in the reader's language, from one catalogue of messages."""

from workbench.messages.catalogue import LANGUAGE, in_language, language, languages, noted, say, say_html, say_many

__all__ = ["LANGUAGE", "in_language", "language", "languages", "noted", "say", "say_html", "say_many"]
