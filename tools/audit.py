"""Known faults of the packages that the server runs with: `make audit`.

pip-audit asks the registry's own database about every pin. Ends with 0 where nothing is known, with
1 where something is, and with 2, saying so, where not every pin could be looked up: pip-audit
itself calls that "no known vulnerabilities".
"""

import json
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parents[1] / "requirements" / "runtime.txt"
COMMAND = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json"]


def audit(pins: Path = PINS) -> int:
    """Look every pin of a file up, and print what came of it."""
    command = [*COMMAND, "--requirement", str(pins), "--no-deps", "--disable-pip"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(f"Not checked: pip-audit can't ask.\n{done.stderr.strip()[-500:]}")
        return 2
    return told(found)


def told(found: list[dict[str, object]]) -> int:
    """Print what pip-audit found, and give the exit code that says it."""
    faults = [each for each in found if each.get("vulns")]
    for each in faults:
        for fault in each["vulns"]:  # type: ignore[attr-defined]
            mend = ", ".join(fault["fix_versions"]) or "no version yet"
            print(f"{each['name']} {each['version']}: {fault['id']}, mended in {mend}")
    skipped = [str(each["name"]) for each in found if "skip_reason" in each]
    if skipped:
        print(f"Not checked, {len(skipped)} of {len(found)}: {', '.join(skipped)}")
    if not faults and not skipped:
        print(f"Nothing is known against any of {len(found)} packages.")
    return 1 if faults else 2 if skipped else 0


if __name__ == "__main__":
    sys.exit(audit())
