"""What the payments API's clients in Python do, against a running server."""

import json
import os
import subprocess
import time
from datetime import datetime, timezone

from formance_sdk_python import SDK
from formance_sdk_python.models import payments as models

PAYMENTS = 61
ASSET = "EUR/2"
api = SDK(server_url=os.environ["URL"]).payments.v3
with open(os.environ["CONFIG"]) as file:
    config = {**json.load(file), "provider": "Qonto", "name": "main"}


def exported(what):
    command = [os.environ["HARNESS"], "export", "--store", os.environ["STORE"], what, "--format", "ndjson"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def refused(call, request, status, code):
    """The call fails with the SDK's own type for it, with this status and code."""
    try:
        call(request=request)
    except models.V3ErrorResponse as error:
        told = (error.status_code, error.data.error_code)
        assert told == (status, code), (told, error.data.error_message)
        return error.data.error_message
    raise AssertionError(f"not refused: {request}")


def until(done):
    deadline = time.monotonic() + 60
    while not (found := done()):
        assert time.monotonic() < deadline, "it took longer than a minute"
        time.sleep(0.1)
    return found


def install(**fields):
    return {"connector": "qonto", "v3_connector_config": {**config, **fields}}


def walked(call, member, **request):
    """All parts of a list, forth; and back again, which has to be the same."""
    parts = [getattr(call(request=request), member).cursor]
    while parts[-1].has_more:
        parts.append(getattr(call(request={"cursor": parts[-1].next}), member).cursor)
    assert parts[0].previous is None and parts[-1].next is None
    back = parts[-1]
    for part in reversed(parts[:-1]):
        back = getattr(call(request={"cursor": back.previous}), member).cursor
        assert back.data == part.data
    return [one for part in parts for one in part.data]


def payments(**request):
    return walked(api.list_payments, "v3_payments_cursor_response", **request)


def accounts(**request):
    return walked(api.list_accounts, "v3_accounts_cursor_response", **request)


def runs(connector):
    """For each schedule, its runs."""
    answer = api.list_connector_schedules(request={"connector_id": connector})
    for schedule in answer.v3_connector_schedules_cursor_response.cursor.data:
        named = {"connector_id": connector, "schedule_id": schedule.id}
        assert api.get_connector_schedule(request=named).v3_connector_schedule_response.data.id == schedule.id
        listed = api.list_connector_schedule_instances(request=named)
        yield listed.v3_connector_schedule_instances_cursor_response.cursor.data


def polled(connector, times):
    """Waits until so many polls are over. Some schedules are due once a day, and the currencies are not all readable."""

    def done():
        found = list(runs(connector))
        over = all(run.terminated for schedule in found for run in schedule)
        return found if over and len(found) == 5 and max(map(len, found)) >= times else None

    errors = [run.error for schedule in until(done) for run in schedule if run.error]
    assert all(error.startswith("missing: ") for error in errors), errors


def task_done(task):
    def done():
        found = api.get_task(request={"task_id": task}).v3_get_task_response.data
        return found if found.status != "PROCESSING" else None

    found = until(done)
    assert found.status == "SUCCEEDED", found
    return found


def check_refusals():
    refused(api.install_connector, install(pollingPeriod="soon"), 400, "VALIDATION")
    refused(api.install_connector, install(endpoint="nonsense"), 400, "VALIDATION")
    refused(api.install_connector, {**install(), "connector": "nobody"}, 400, "VALIDATION")
    refused(api.get_payment, {"payment_id": "x"}, 400, "INVALID_ID")
    refused(api.get_account, {"account_id": "x"}, 400, "INVALID_ID")
    refused(api.get_connector_config, {"connector_id": "x"}, 400, "INVALID_ID")
    refused(api.get_pool, {"pool_id": "x"}, 404, "NOT_FOUND")
    refused(api.list_payments, {"cursor": "x"}, 400, "VALIDATION")
    refused(api.create_account, {"connector_id": "x", "reference": "x", "account_name": "x", "type": "INTERNAL",
            "created_at": datetime.now(timezone.utc)}, 400, "VALIDATION")
    assert payments() == [] and accounts() == []


def check_payments():
    listed, known = payments(page_size=7), {one["reference"]: one for one in exported("payments")}
    assert len(listed) == len(known) == PAYMENTS, (len(listed), len(known))
    assert [one.created_at for one in listed] == sorted((one.created_at for one in listed), reverse=True)
    for payment in listed:
        export = known[payment.reference]
        assert payment.adjustments is None
        assert (payment.type, payment.status, payment.scheme) == (export["type"], export["status"], export["scheme"])
        assert (str(payment.amount), payment.asset) == (export["amount"], export["asset"]) and payment.asset == ASSET
        assert payment.created_at == datetime.fromisoformat(export["createdAt"].replace("Z", "+00:00"))
        assert export["metadata"].items() <= payment.metadata.items()
        got = api.get_payment(request={"payment_id": payment.id}).v3_get_payment_response.data
        assert got.adjustments[0].raw == export["raw"]
        versions = [(one.status, str(one.amount)) for one in reversed(got.adjustments)]
        assert versions == [(one["status"], one["amount"]) for one in export["adjustments"]]
        got.adjustments = None
        assert got == payment
    return listed


def check_filters(listed):
    def picked(query):
        return payments(request_body=query, page_size=9)

    pay_ins = [one for one in listed if one.type == "PAY-IN"]
    assert len(pay_ins) == 20 and picked({"$match": {"type": "PAY-IN"}}) == pay_ins
    large = {"$gte": {"amount": 1030}}
    assert picked(large) == [one for one in listed if one.amount >= 1030]
    assert picked({"$not": large}) == [one for one in listed if one.amount < 1030]
    both = {"$and": [{"$match": {"metadata[com.qonto.spec/side]": "credit"}}, {"$match": {"status": "SUCCEEDED"}}]}
    assert picked(both) == pay_ins
    told = refused(api.list_payments, {"request_body": {"$match": {"colour": "red"}}}, 400, "VALIDATION")
    assert "'colour'" in told, told


def check_accounts():
    listed, (known,) = accounts(), exported("accounts")
    (own,) = [one for one in listed if one.type == "INTERNAL"]
    assert (own.reference, own.name, own.default_asset) == (known["reference"], known["name"], known["defaultAsset"])
    assert own.raw == known["raw"] and own.metadata == known["metadata"]
    assert api.get_account(request={"account_id": own.id}).v3_get_account_response.data == own
    answer = api.get_account_balances(request={"account_id": own.id, "asset": ASSET})
    (balance,) = answer.v3_balances_cursor_response.cursor.data
    (booked,) = [one for one in exported("balances") if one["type"] == "BOOKED"]
    assert str(balance.balance) == booked["amount"] and balance.account_id == own.id
    past = {"account_id": own.id, "to_timestamp": datetime(2001, 1, 1, tzinfo=timezone.utc)}
    assert api.get_account_balances(request=past).v3_balances_cursor_response.cursor.data == []


def check_config(connector):
    """Another config is taken, the secret stays, and the payment that has settled since has two versions."""
    (pending,) = payments(request_body={"$match": {"status": "PENDING"}})
    named = {"connector_id": connector}
    shown = api.get_connector_config(request=named).v3_get_connector_config_response.data
    assert (shown.name, shown.api_key, shown.client_id) == ("main", "***", config["clientID"])
    shown.polling_period = "45m"
    api.v3_update_connector_config(request={**named, "v3_connector_config": shown})
    shown = api.get_connector_config(request=named).v3_get_connector_config_response.data
    assert shown.polling_period == "45m0s" and shown.api_key == "***"
    polled(connector, 2)
    settled = api.get_payment(request={"payment_id": pending.id}).v3_get_payment_response.data
    assert [one.status for one in settled.adjustments] == ["SUCCEEDED", "PENDING"]


def check_metadata(payment):
    note = {"payment_id": payment.id, "v3_update_payment_metadata_request": {"metadata": {"seen": "yes"}}}
    api.update_payment_metadata(request=note)
    got = api.get_payment(request={"payment_id": payment.id}).v3_get_payment_response.data
    assert got.metadata == {**payment.metadata, "seen": "yes"}


def main():
    check_refusals()
    answer = api.install_connector(request=install())
    connector = answer.v3_install_connector_response.data
    refused(api.install_connector, install(), 400, "CONFLICT")
    (listed,) = walked(api.list_connectors, "v3_connectors_cursor_response")
    assert (listed.id, listed.name, listed.provider, listed.scheduled_for_deletion) == (connector, "main", "qonto", False)
    can = api.get_connector_capabilities(request={"connector_id": connector}).v3_connector_capability_response.data
    assert "FETCH_PAYMENTS" in can
    polled(connector, 1)
    check_filters(check_payments())
    check_accounts()
    check_config(connector)
    check_metadata(check_payments()[0])
    task = api.reset_connector(request={"connector_id": connector}).v3_reset_connector_response.data
    fresh = task_done(task).created_object_id
    assert fresh != connector
    refused(api.get_connector_config, {"connector_id": connector}, 404, "NOT_FOUND")
    polled(fresh, 1)
    assert {payment.connector_id for payment in check_payments()} == {fresh}
    answer = api.uninstall_connector(request={"connector_id": fresh})
    task_done(answer.v3_uninstall_connector_response.data.task_id)
    assert payments() == [] and accounts() == []


main()
