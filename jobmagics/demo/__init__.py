"""``jupyter jobmagics demo``: a job that outlives the kernel that started it, shown on this machine in half a minute.

``story`` is what happens, ``kernels`` the kernel that it starts and kills, ``screen`` the terminal, ``data`` where the
files are that its jobs read. It uses jobmagics as a notebook does, through cells.
"""
