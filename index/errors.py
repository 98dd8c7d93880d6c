"""Every error that a user can cause or cure, in one tree.

UserError
├── SettingsError        a setting or an option has a value that cannot be used
├── QuestionError        the question asked, or its history, cannot be used
├── BatchError           a batch line or its file cannot be read
├── SourceError          a source file or folder cannot be read
├── QuestionFileError    a file of questions does not fit its source
├── EncoderError         the embedding model cannot be loaded
├── StoreError           the index cannot be written or opened
│   ├── StoreMissing     there is no index yet
│   ├── StoreStale       the index was built from other sources, model or version
│   ├── StoreDamaged     the index is not what was written
│   └── StoreUnreachable the server that keeps the vectors does not answer, for now
├── ModelError           a language model cannot be had or does not answer
└── CaseError            an evaluation case, or a report, cannot be used

The message is one line: what happened, to which value, and what to do.
"""


class UserError(Exception):
    """The root; caught only by the command line, the web endpoint and the evals' main."""


class SettingsError(UserError):
    """A setting or an option has a value that cannot be used."""


class QuestionError(UserError):
    """The question asked, or its history, cannot be used."""


class BatchError(UserError):
    """A batch line or its file cannot be read."""


class SourceError(UserError):
    """A source file or folder cannot be read."""


class QuestionFileError(UserError):
    """A file of questions does not fit its source."""


class EncoderError(UserError):
    """The embedding model cannot be loaded."""


class StoreError(UserError):
    """The index cannot be written or opened."""


class StoreMissing(StoreError):
    """There is no index yet."""


class StoreStale(StoreError):
    """The index was built from other sources, with another model or by another version."""


class StoreDamaged(StoreError):
    """The index is not what was written, on disk or on the server of its vectors."""


class StoreUnreachable(StoreError):
    """The server that keeps the vectors does not answer, for now."""


class ModelError(UserError):
    """A language model cannot be had, or does not answer."""


class CaseError(UserError):
    """An evaluation case, or a report, cannot be used."""
