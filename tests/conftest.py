"""Stands here so that every suite can import from `support`, which lies beside it."""
