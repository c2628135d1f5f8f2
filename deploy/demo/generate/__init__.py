"""Writes the PDF and DOCX documents of the invented Aldermoor Hospital."""
