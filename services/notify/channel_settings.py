"""Settings of the channels beside e-mail."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings


class ChannelSettings(ServiceSettings):
    """From the environment, `MINPING_…`; the channels themselves, with their secrets, from a file."""

    channels_file: Path | None = Field(
        default=None, description="secrets file with the channels beside e-mail: chat robots, SMS gateways, webhooks"
    )
    channel_timeout_s: float = Field(default=15.0, gt=0, description="longest wait for a channel's answer")
