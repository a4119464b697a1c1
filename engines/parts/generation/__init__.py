"""Text from a model of this machine, vLLM in process or a server, behind one interface."""

from engines.parts.generation.generator import Generator, Use, open_generator
from engines.parts.generation.speeds import keep_speed
from engines.parts.generation.structured import generate_json

__all__ = ["Generator", "Use", "generate_json", "keep_speed", "open_generator"]
