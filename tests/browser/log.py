"""What went wrong in the browser while a test ran."""

from dataclasses import dataclass, field


@dataclass
class BrowserLog:
    """Console errors, script errors and requests to outside addresses, in their order."""

    lines: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Note one thing that went wrong."""
        self.lines.append(line)

    def allow(self, part: str) -> None:
        """Let every line that contains `part` pass, before or after it came."""
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        """The lines that nothing allows."""
        return [line for line in self.lines if not any(part in line for part in self.allowed)]
