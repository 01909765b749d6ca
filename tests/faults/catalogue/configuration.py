"""Configuration: the deployment is set up otherwise than it should be."""

from tests.faults.entries import Environment, Fault, InApp, Setting
from tests.faults.in_app import signing

GROUP = "configuration"

ENTRIES = [
    Fault(
        "log_ingest_off", GROUP, "logs",
        Environment({"ENABLE_FRONTEND_LOG_INGEST": "false"}),
        caught_by="logs.log_event_is_accepted",
    ),
    Fault(
        "storage_off_though_its_gate_is_on", GROUP, "storage",
        Environment({"REFERENCE_WITHOUT": "storage"}), caught_by="storage.*",
    ),
    Fault(
        "objects_only_in_memory", GROUP, "storage",
        Environment({"STORAGE_PROVIDER": "memory"}), caught_by="storage.bytes_come_back",
        setting=Setting(variables={"SMOKE_OPTION_OBJECT_BYTES": "required"}),
    ),
    Fault(
        "debug_is_on", GROUP, "health",
        Environment({"DEBUG": "true"}), caught_by="health.inner_workings_are_hidden",
    ),
    Fault(
        "everybody_in_the_default_tenant", GROUP, "tenancy",
        InApp(signing.one_tenant_for_all), caught_by="tenancy.other_tenant_cannot_read",
    ),
]  # fmt: skip
