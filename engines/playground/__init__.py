"""The playground: one prompt, answered by several models next to each other."""

from engines.parts.token_use import TokenUse
from workbench.playground import PLAYGROUND, Answered, AnswerPiece, AnswerToken, Prompting, Unanswered
from workbench.tool import Tool

TOOL = Tool(
    name=PLAYGROUND,
    title="Playground",
    question=Prompting,
    rows=(AnswerPiece, AnswerToken, Answered, Unanswered, TokenUse),
)
