"""What lasts in a serving process is set apart, so that nobody waits while it is searched for garbage.

Python's full collection walks through every object there is. Modules, boundaries and figures are some
160,000: a tenth of a second in which no worker answers, again after every few thousand new answers.
They last as long as their edition is shown, and are let go of when the last reference goes.
"""

import gc

__all__ = ["set_apart_what_lasts"]


def set_apart_what_lasts() -> None:
    """Collect garbage once, and leave what remains out of all later collections.

    For a process that serves and does nothing else, each time an edition has been read and first asked.
    What was set apart before is looked through too: else the rings of an older edition stayed for ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
