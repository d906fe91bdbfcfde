"""Right answers in other styles than the model answers', one file a chapter.

A learner may think in loops, in einsum or in Fourier transforms: the judge must pass them all.
`STYLES` maps a style's name to {task name: function}; each function stands alone, with NumPy as
`np`, so that a notebook can be made of its source.
"""
