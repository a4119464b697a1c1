"""Enrolment: a server or a folder of models is checked and put on the list."""

from workbench.contract import Tool
from workbench.tool_questions.model_registration import ENROLMENT, Enrolled, Enrolling, OutsideFolder

TOOL = Tool(name=ENROLMENT, title="Enrolment", question=Enrolling, rows=(Enrolled, OutsideFolder))
