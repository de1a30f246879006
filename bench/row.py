"""One row of the tables."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent


class Row:
    """A program whose train block's step is timed: a file with its options, or a text."""

    def __init__(self, name, group, flops=0, moved=0, program=None, text=None, options=(), parameters=None, checked=None,
                 asked=None):
        self.name, self.group, self.flops, self.bytes = name, group, flops, moved
        self.program = None if text else program or HERE / f"cases/{name}.dlm"
        self.text, self.options = text, list(options)
        self.parameters = parameters
        self.checked = flops if checked is None else checked  # the FLOPs that `dlc check` counts
        self.asked = asked or {"step": name}                  # what a peer is asked to do

    def file(self, folder):
        """The program's file; a text is written to `folder` first."""
        if self.program:
            return self.program
        path = pathlib.Path(folder) / f"{self.name}.dlm"
        path.write_text(self.text, encoding="utf-8")
        return path
