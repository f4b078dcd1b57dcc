"""What an editor asks about a project held in memory: plain functions, without IO or protocol."""
