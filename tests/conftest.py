"""Property tests draw the same cases in every run, so that a change is judged by what it changes.

``make fuzz`` draws anew (and keeps what fails in ``.hypothesis``): run it before a release and when the model changes.
"""

from hypothesis import settings

settings.register_profile("steady", derandomize=True)
settings.register_profile("fuzz", derandomize=False)
settings.load_profile("steady")
