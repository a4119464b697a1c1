"""Enrolment: a server or a folder of models is checked and put on the list."""

from workbench.enrolment import ENROLMENT, Enrolled, Enrolling
from workbench.tool import Tool

TOOL = Tool(name=ENROLMENT, title="Enrolment", question=Enrolling, rows=(Enrolled,))
