"""The reference package: each layer's forward and backward, validated, in the lecture's symbols."""

from solutions.conv import conv_backward, conv_forward
from solutions.data import load_mnist

__all__ = ["conv_backward", "conv_forward", "load_mnist"]
