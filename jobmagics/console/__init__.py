"""What a script shows and asks while somebody follows it in a cell, whichever kernel the cell is in.

``streams``  what it says, as Jupyter messages          ``progress`` Write-Progress as one display
``prompts``  what it asks, put to the person            ``interrupts`` the stop button as a fact to look at
``texts``    its text, made fit for a front end         ``person``   the person before an IPython shell
``following`` all of them together, for one job          ``waiting``  the stop button while a cell only waits
"""
