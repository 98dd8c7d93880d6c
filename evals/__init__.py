"""Cases -> chain -> metrics -> report: how good the assistant is, in numbers."""
