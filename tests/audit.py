"""Known vulnerabilities of the locked packages, as pip-audit finds them: `make audit`.

pip-audit skips a package that its source does not know and ends well all the same; here, what was not looked up was not audited.
Exit code 1 for a vulnerability, 2 where not every package could be looked up.
"""

import json
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("pypi", "osv")


def audited(service: str) -> tuple[list[str], int, int]:
    """The vulnerabilities by one source of advisories, and of how many packages how many it knew; none where it cannot be reached."""
    program = ROOT / ".venv" / "audit" / "bin" / "pip-audit"
    options = ["--requirement", "requirements.lock", "--disable-pip", "--no-deps", "--format", "json", "--vulnerability-service", service]
    finished = subprocess.run([program, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(finished.stdout)["dependencies"]
    except ValueError:
        return [], 0, 0
    found = [f"{p['name']} {p['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version'}" for p in packages for v in p.get("vulns", ())]
    return found, sum("skip_reason" not in package for package in packages), len(packages)


def main() -> None:
    """Ask one source after the other until one knows the packages."""
    for service in SERVICES:
        found, known, of = audited(service)
        if known:
            break
    for line in found:
        click.echo(line)
    if not known:
        click.echo("not audited for known vulnerabilities: no source of advisories (pypi.org, api.osv.dev) can be reached from here", err=True)
    elif known < of:
        click.echo(f"{known} of {of} packages audited, the others are not known to {service}", err=True)
    else:
        click.echo(f"{of} packages audited: {len(found)} known vulnerabilities")
    sys.exit(1 if found else 0 if known == of > 0 else 2)


if __name__ == "__main__":
    main()
