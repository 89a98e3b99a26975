"""Identifiers, calendar and text rules that every room shares. No Django here."""
