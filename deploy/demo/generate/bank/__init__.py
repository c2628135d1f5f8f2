"""Writes the bound documents of the invented Weir Savings Bank, Aldermoor Hospital's neighbour."""
