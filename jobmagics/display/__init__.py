"""The live view of jobs, and the still one that stays in the notebook."""
