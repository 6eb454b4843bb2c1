"""`python -m app`: see `app.cli`."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
