"""Checks against running services: every answer and event, every dead letter, and the broker's topology."""

import contextlib

import pika

from contract import Contract
from listener import Listener, Silence
from report import Report
from scenario import Scenario
from topology import Topology


def check(contract: Contract, report: Report, amqp_url: str, admin_url: str, timeout: float) -> None:
    parameters = pika.URLParameters(amqp_url.split(",")[0].strip())
    try:
        report.heading("the broker has the exchanges, queues and bindings of the document, and no others")
        Topology(contract, report, parameters, admin_url).compare()
        report.heading("messages of the running services")
        with contextlib.closing(Listener(contract, report, parameters, timeout)) as listener:
            Scenario(contract, report, listener).run()
    except Silence as silence:
        report.expect(False, str(silence), f"nothing came in {timeout:g} s; the rest is not tried")
    except (pika.exceptions.AMQPError, OSError) as error:
        report.expect(False, "the broker answers", repr(error))
