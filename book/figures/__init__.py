"""Python that draws: steppable figures (steps, svg, element) and plots for page cells."""
