"""Requests and answers of the features surface."""

from pydantic import BaseModel, ConfigDict


class FeatureSnapshotResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    billing_enabled: bool
    billing_stream_enabled: bool
