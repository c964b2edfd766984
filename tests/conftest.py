"""What all tests share: random examples are the same ones every time, so that a failure is one of the change at hand.

To look for more, run pytest with `--hypothesis-profile=default`; or with HYPOTHESIS_EXAMPLES=20000 those that read it.
"""

from hypothesis import settings

settings.register_profile("the same every time", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("the same every time")
