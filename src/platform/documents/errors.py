"""What goes wrong with a paper is ours, never the reader's."""


class PaperError(RuntimeError):
    """A paper that would lose letters or be less than it claims is not handed out."""
