"""The engine as a process: a PSRP server on stdin and stdout."""
