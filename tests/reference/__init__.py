"""
Tests of the reference service, spoken to over HTTP as a suite would.
"""
