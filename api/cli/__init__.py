"""The command line."""


def main() -> None:
    """Run the command line on this process's arguments."""
    from api.cli.app import app  # noqa: PLC0415 -- importing the package stays cheap

    app()
