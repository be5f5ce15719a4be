"""What every connector needs, whatever its bank. No framework: functions and a few small classes, to be read and changed.

Nothing here is specific to a bank. `http` and `state` reach the host; the rest is ordinary Python.
"""
