"""Rows of misconceptions, (id, name, hint), that tasks of several chapters have in common."""

Row = tuple[str, str, str]

SQUARE_FILTER: Row = (
    "one_size",
    "the filter is taken for square, KH x KH",
    "Is the filter square in yours? Where does KW, the number of its columns, enter?",
)

# Zeros around y, in forward's padding of it.
PADS_ABOVE_ONLY: Row = (
    "pads_above_only",
    "all zeros are put above and on the left",
    "On which side of y do the `bottom` rows of zeros stand, and the `right` columns?",
)
PADS_BELOW_ONLY: Row = (
    "pads_below_only",
    "all zeros are put below and on the right",
    "On which side of y do the `top` rows of zeros stand, and the `left` columns?",
)
PADDING_SIDES_EXCHANGED: Row = (
    "padding_sides_exchanged",
    "y is padded with top and bottom, left and right exchanged",
    "Which number of a pair belongs to the side where the counting begins? The pairs are (top, "
    "bottom) and (left, right).",
)
PADDED_BY_EDGE: Row = (
    "padded_by_edge",
    "y is padded by its border values",
    "What did forward put around y: zeros, or copies of its border? Print what you slide over.",
)


def last_picture(id: str, name: str = "only the last picture is left", array: str = "dy") -> Row:
    """The array is made anew for every picture: what the earlier ones had in it is lost."""
    hint = f"In which loop does {array} begin as zeros? Print {array}[0] at the end: "
    return id, name, hint + "where is picture 0?"


def pictures_mixed(id: str, where: str = "") -> Row:
    """Both factors are summed over the batch before they are multiplied."""
    return (
        id,
        f"every picture's dz meets every picture's y{where}",
        "Which y made z[t]: those of all pictures, or y[t]? Is the product taken before or after "
        "the sum over t?",
    )


def sum_over_pictures(id: str, array: str) -> Row:
    """ "=" where "+=" is needed over the pictures, in one of the gradients that they share."""
    return (
        id,
        f"{array} of the last picture only",
        f'What becomes of {array} of picture t - 1 when yours comes to picture t: "=" or "+="?',
    )
