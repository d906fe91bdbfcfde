"""Model answers, one file a chapter: plain NumPy, what a learner could have written; the only copy."""
