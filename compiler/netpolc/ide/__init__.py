"""Answers for editors about a project held in memory: plain functions, without IO or protocol."""
