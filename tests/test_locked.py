"""Every locked package is the one that is installed, and has a licence that lets this program be given on."""

import re
from importlib.metadata import PackageNotFoundError, files, metadata, version

import pytest

from tests.conftest import ROOT

LOCKED = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;.*)?$", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
ALLOWED = re.compile(r"\b(?:MIT|MIT-CMU|BSD|[023]-Clause|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|CC0|HPND|Zlib|Public Domain)\b", re.I)
FORBIDDEN = re.compile(r"\b(?:A?GPL|LGPL|SSPL|Commons Clause|BUSL|proprietary)\b", re.I)


def licence(name: str) -> str:
    """What a package says of its licence: the expression, the classifiers, or the first line of the field or of the file."""
    found = metadata(name)
    classified = [c.removeprefix("License :: ") for c in found.get_all("Classifier") or () if c.startswith("License :: ")]
    texts = [found["License"] or "", *(path.read_text() for path in files(name) or () if path.name.startswith("LICENSE"))]
    lines = [text.strip().splitlines()[0] for text in texts if text.strip()]
    return found["License-Expression"] or "; ".join(classified) or next(iter(lines), "")


def test_the_lock_is_read() -> None:
    assert len(LOCKED) > 100


@pytest.mark.parametrize("name", LOCKED)
def test_the_locked_version_is_installed(name: str) -> None:
    try:
        assert version(name).split("+")[0] == LOCKED[name].split("+")[0]
    except PackageNotFoundError:
        pytest.fail(f"{name} is locked and not installed")


@pytest.mark.parametrize("name", LOCKED)
def test_its_licence_is_allowed(name: str) -> None:
    assert ALLOWED.search(licence(name)), licence(name)
    assert not FORBIDDEN.search(licence(name)), licence(name)
