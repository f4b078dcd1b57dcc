"""Proposals from traffic: which arrows a log of flows suggests, and which it never used."""
