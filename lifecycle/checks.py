"""Start-up checks: every need has a provider, every act exists. They fail closed."""

from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage, Error, register

from .acts import find_act
from .errors import WiringError
from .guards import provided
from .transitions import lifecycle_models, rules_of


def wiring_faults() -> list[str]:
    """Return a sentence for each need without provider and each act that is not one."""
    faults = []
    for model in lifecycle_models():
        for rule in rules_of(model).values():
            where = f"{model._meta.label}.{rule.name}"
            faults += [f"{where} needs '{n}', which no room provides" for n in rule.needs if n not in provided()]
            if rule.act:
                import_module(rule.act.rsplit(".", 1)[0])
                if find_act(rule.act) is None:
                    faults.append(f"{where} names '{rule.act}', which is not an act")
    return faults


@register()
def check_wiring(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Turn wiring faults into errors of `manage.py check`, which every start runs."""
    return [Error(fault, id="lifecycle.E001") for fault in wiring_faults()]


def refuse_faulty_wiring() -> None:
    """Raise WiringError at the start of a server or worker when anything is unwired."""
    faults = wiring_faults()
    if faults:
        raise WiringError("; ".join(faults))
