"""What is asked of a model that writes text, and what it answers; answers kept."""

from engines.parts.completions.generation import Completion, Listen, Sampling
from engines.parts.completions.prompts import Message, Prompt, answer_ids, chat, prompt_ids

__all__ = ["Completion", "Listen", "Message", "Prompt", "Sampling", "answer_ids", "chat", "prompt_ids"]
