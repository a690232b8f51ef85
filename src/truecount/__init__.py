"""Truecount keeps what an MSP bills equal to what its vendors counted."""
