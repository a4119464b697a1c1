"""The playground: one prompt, answered by several models next to each other."""

from engines.parts.rows import TokenUse
from workbench.contract import Tool
from workbench.tool_questions.playground import PLAYGROUND, Answered, AnswerPiece, AnswerToken, Prompting, Unanswered

TOOL = Tool(
    name=PLAYGROUND,
    title="Playground",
    question=Prompting,
    rows=(AnswerPiece, AnswerToken, Answered, Unanswered, TokenUse),
)
