"""Requests and answers of the features surface."""

from ..schemas import Closed


class FeatureSnapshotResponse(Closed):
    billing_enabled: bool
    billing_stream_enabled: bool
