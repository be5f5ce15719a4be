#!/usr/bin/env python3
"""Example Bank, a bank that does not exist: what the connector is tried at.

    harness test connector.wasm --provider ./bank.py

The harness asks a line of JSON, and this answers a line; `provider-protocol.md` of its documentation is all of it. Make it
more like your bank as you learn how that one behaves: each case that it has here is a check that is made.

The API: `GET` with `authorization: Bearer …`; a list is `{"items":[…],"next":"…"}` in the order of changes, `limit` rows
behind `cursor`; `next` is null at the end.
- `/v1/me`, `/v1/accounts`, and `/v1/accounts/{id}/payments`, from `changedFrom` on where that is given.
"""
import json
import sys
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "cnry-example-7d21c40b9fe35a68"
HOLDER = "Erika Erfunden"
DECIMALS = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "JPY": 0, "BHD": 3, "KWD": 3}
STATES = {"succeeded": "booked", "pending": "pending", "failed": "refused"}
HEADERS = [["content-type", "application/json"], ["x-request-id", "eb-request-1"]]


def decimal(minor, currency):
    """Minor units as the API writes them: 1234 in BHD is 1.234."""
    places = DECIMALS.get(currency, 2)
    digits = str(minor).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


class Bank:
    def hello(self, protocol):
        config = {"endpoint": "https://api.examplebank.example", "token": TOKEN, "pageSize": 25, "pollingPeriod": "30m"}
        return {"protocol": 1, "name": "example-bank", "config": config, "secrets": ["token"], "largestPage": 100,
                "statuses": list(STATES)}

    def reset(self):
        self.accounts, self.payments, self.quirks, self.given = {}, {}, [], 0

    def open(self, currency):
        key = f"eb-a-{len(self.accounts) + 1}"
        booked, available = 700_000 + len(self.accounts), 600_000 + len(self.accounts)
        balance = {"booked": decimal(booked, currency), "available": decimal(available, currency)}
        row = {"id": key, "title": f"Account {key}", "currency": currency, "iban": "DE89370400440532013000",
               "createdAt": "2020-01-02T08:00:00Z", "balance": balance}
        self.accounts[key] = {"row": row, "booked": str(booked), "available": str(available)}
        return key

    def add(self, payment):
        self.given += 1
        currency, key = self.accounts[payment["account"]]["row"]["currency"], f"eb-p-{self.given:06}"
        row = {"id": key, "createdAt": payment["at"], "changedAt": payment["at"], "state": STATES[payment["status"]],
               "direction": "in" if payment["incoming"] else "out", "amount": decimal(payment["minor"], currency),
               "currency": currency, "party": {"name": f"Invented Ltd {self.given % 7}", "iban": None},
               "text": f"Invoice {self.given}"}
        true = {"account": payment["account"], "type": "pay-in" if payment["incoming"] else "payout",
                "incoming": payment["incoming"], "status": payment["status"], "amount": str(payment["minor"]),
                "asset": asset(currency), "createdAt": payment["at"], "updatedAt": payment["at"]}
        self.payments[key] = {"row": row, "true": true, "visible": payment.get("visibleAt") or payment["at"]}
        return key

    def change(self, reference, at, change):
        kept = self.payments.get(reference)
        if not kept:
            return False
        [(what, value)] = change.items()
        if what == "status":
            kept["row"]["state"], kept["true"]["status"] = STATES[value], value
        elif what == "label":
            kept["row"]["text"] = value
        else:
            kept["row"]["amount"], kept["true"]["amount"] = decimal(value, kept["row"]["currency"]), str(value)
        kept["row"]["changedAt"] = kept["true"]["updatedAt"] = at
        return True

    def remove(self, reference):
        return self.payments.pop(reference, None) is not None

    def truth(self):
        accounts = {key: json.dumps(kept["row"]) for key, kept in self.accounts.items()}
        balances = [[key, kind, asset(kept["row"]["currency"]), kept[kind]]
                    for key, kept in self.accounts.items() for kind in ("booked", "available")]
        payments = {key: kept["true"] | {"raw": json.dumps(kept["row"])} for key, kept in self.payments.items()}
        return {"accounts": accounts, "balances": balances, "payments": payments}

    def personal(self):
        return [HOLDER] + [kept["row"]["party"]["name"] for kept in self.payments.values()]

    def answer(self, request, now):
        if ["authorization", f"Bearer {TOKEN}"] not in request["headers"]:
            return self.refused(401)
        url = urlsplit(request["url"])
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        path = [unquote(part) for part in url.path.split("/")[2:]]
        if path == ["me"]:
            return found({"id": "eb-holder-1", "name": HOLDER})
        if path == ["accounts"]:
            return self.page(query, [("", key, kept["row"]) for key, kept in self.accounts.items()])
        if path[0:1] == ["accounts"] and path[1] in self.accounts and path[2:] == ["payments"]:
            shown = [kept["row"] for kept in self.payments.values()
                     if kept["true"]["account"] == path[1] and instant(kept["visible"]) <= instant(now)]
            rows = sorted((instant(row["changedAt"]), row["id"], row) for row in shown)
            start = instant(query.get("changedFrom", ""))
            return self.page(query, [row for row in rows if row[0] >= start], self.quirks)
        return self.refused(404)

    def page(self, query, rows, quirks=()):
        limit, cursor = int(query.get("limit", 50)), query.get("cursor")
        if not 1 <= limit <= 100:
            return self.refused(422)
        for quirk in quirks:
            limit = {"shortPages": max(limit - 1, 1), "overfull": limit + 3}.get(str(quirk), limit)
            limit = min(limit, quirk["pageClamped"]) if isinstance(quirk, dict) else limit
        if cursor:
            behind = tuple(cursor.split("~"))
            rows = [row for row in rows if row[:2] > behind]
        following = "~".join(rows[limit - 1][:2]) if len(rows) > limit else None
        if "emptyWithMore" in quirks:
            return found({"items": [], "next": following or cursor or (rows and "~".join(rows[-1][:2])) or None})
        if "nextIsSame" in quirks:
            following = cursor or following
        return found({"items": [row for *_, row in rows[:limit]], "next": following})

    def setQuirk(self, quirk):
        """Ways in which banks like it were seen to page otherwise."""
        known = quirk in ("shortPages", "overfull", "nextIsSame", "emptyWithMore") or "pageClamped" in quirk
        return known and not self.quirks.append(quirk)

    def clearQuirks(self):
        self.quirks = []

    def refused(self, status):
        codes = {401: "token_refused", 404: "not_found", 422: "limit_invalid", 429: "slow_down"}
        error = {"error": {"code": codes.get(status, "refused"), "message": "No."}, "request": "eb-request-1"}
        return found(error) | {"status": status}

    def refusal(self, status):
        response = self.refused(status)
        return {"response": response, "code": json.loads(response["body"])["error"]["code"], "requestId": "eb-request-1"}

    def asked(self, request):
        last = urlsplit(request["url"]).path.rsplit("/", 1)[-1]
        return {"accounts": "accounts", "payments": "payments"}.get(last, "other")

    def dependents(self, request):
        path = urlsplit(request["url"]).path.split("/")[2:]
        if path[:1] != ["accounts"]:
            return []
        mine = path[1:2] or list(self.accounts)
        rows = [] if path[1:] else [[kind, key] for key in mine for kind in ("accounts", "balances")]
        return rows + [["payments", key] for key, kept in self.payments.items() if kept["true"]["account"] in mine]

    def idleRequests(self, pageSize):
        return 2 + len(self.accounts) * 2 + len(self.accounts) // pageSize


def instant(text):
    """What instants in UTC are compared by, however many digits their seconds have."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return f"{whole}.{fraction:0<9}" if text else ""


def asset(currency):
    return f"{currency}/{DECIMALS.get(currency, 2)}"


def found(body):
    return {"status": 200, "headers": HEADERS, "body": json.dumps(body)}


if __name__ == "__main__":
    bank = Bank()
    for line in sys.stdin:
        call = json.loads(line)
        do = getattr(bank, call.pop("do"), None)  # What it has no case of, it answers with null.
        print(json.dumps({"ok": do(**call) if do else None}), flush=True)
