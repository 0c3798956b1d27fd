"""Bihuan (闭环): the operations platform of a development zone."""

__version__ = "0.1.0"
