"""What the tests of a deployment say before they begin."""

from tests.deploy.disks import WHY_NO_MOUNTS


def pytest_report_header() -> list[str]:
    if WHY_NO_MOUNTS:
        return [f"disks: limits and rights stand in for mounts, since {WHY_NO_MOUNTS}"]
    return ["disks: a tmpfs that is full, and a mount that may only be read"]
