#!/usr/bin/env python3
"""Fjordbank, a bank that does not exist, played for `harness test my.wasm --provider ./bank.py` by the protocol of
host-harness/docs/provider-protocol.md. `GET` with `authorization: Bearer …`; a list is `{"items":[…],"cursor":"…"}`, newest
first, `limit` rows older than `cursor`, which is null at the end. Amounts are texts. Nothing tells when a row changed."""
import json
import re
import sys
from urllib.parse import parse_qs, urlsplit

TOKEN = "cnry-fjord-3b9d07c65ea148f2"
HOLDER = "Ingrid Oppfunnet"
DECIMALS = {"JPY": 0, "BHD": 3, "KWD": 3}  # All others have two.
STATES = {"succeeded": "booked", "pending": "pending", "failed": "refused"}
FILLS = ["accountName", "accountAsset", "accountCreated", "metadata", "source", "destination", "partyName", "partyNumber"]
GONE = object()
INSTANT = re.compile(r"(?!2025-02-29)\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
EMPTY = {"party": {"name": "", "account": ""}, "text": "", "reference": ""}
# What is odd: the changes of the row, and of what must become of it; none where it must be rejected.
ODD = {
    "unknownKind": ({"kind": "quantum_leap"}, {}),
    "unknownSide": ({"direction": "sideways"}, {"type": "other", "incoming": None}),
    "newField": ({"brandNew": {"deep": [1, None]}}, {}),
    "nullFields": (dict.fromkeys(EMPTY), {}),
    "absentFields": (dict.fromkeys(EMPTY, GONE), {}),
    "emptyFields": (EMPTY, {}),
    "spelling": ({}, {}),
    "noReference": ({"id": GONE}, None),
    "nullTime": ({"createdAt": None}, None),
}


def decimal(minor, currency):
    places = DECIMALS.get(currency, 2)  # 1234 in BHD is 1.234.
    sign, digits = ("-", minor[1:]) if minor.startswith("-") else ("", minor)
    digits = digits.rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def ok(body):
    return {"status": 200, "headers": [["content-type", "application/json"], ["x-request-id", "fj-req-1"]], "body": body}


def error(status, code):
    return ok(json.dumps({"error": code, "request": "fj-req-1"})) | {"status": status}


class Bank:
    def hello(self, protocol):
        config = {"endpoint": "https://api.fjordbank.example", "token": TOKEN, "pageSize": 25, "pollingPeriod": "30m"}
        return {"protocol": 1, "name": "fjordbank", "config": config, "secrets": ["token"], "largestPage": 50,
                "statuses": list(STATES), "fills": FILLS}

    def reset(self):
        self.accounts, self.movements, self.quirks, self.given, self.holder = {}, {}, [], 0, "FJ-H-1"

    def open(self, currency):
        number = len(self.accounts) + 1
        row = {"id": f"FJ-A-{number}", "title": f"Konto {number}", "holder": HOLDER, "currency": currency,
               "createdAt": f"{2020 + number // 28}-01-{number % 28 + 1:02}T08:00:00Z"}
        self.accounts[row["id"]] = {"row": row, "asset": f"{currency}/{DECIMALS.get(currency, 2)}",
                                    "booked": str(700_000 + number), "available": str(600_000 + number)}
        return row["id"]

    def setBalance(self, account, booked, available):
        return account in self.accounts and not self.accounts[account].update(booked=booked, available=available)

    def closeAccount(self, account):
        return self.accounts.pop(account, None) is not None

    def add(self, payment):
        self.given += 1
        currency, incoming = self.accounts[payment["account"]]["row"]["currency"], payment["incoming"]
        row = {"id": f"FJ-M-{self.given:06}", "accountId": payment["account"], "createdAt": payment["at"],
               "state": STATES[payment["status"]], "direction": "in" if incoming else "out", "kind": "transfer",
               "amount": {"value": decimal(str(payment["minor"]), currency), "currency": currency},
               "party": {"name": f"Oppdiktet AS {self.given % 7}", "account": f"9999.{self.given % 7:02}.12345"},
               "text": f"Faktura {self.given}", "reference": None}
        true = {"account": payment["account"], "type": "pay-in" if incoming else "payout", "incoming": incoming,
                "status": payment["status"], "amount": str(payment["minor"]),
                "asset": self.accounts[payment["account"]]["asset"], "createdAt": payment["at"]}
        self.movements[row["id"]] = {"row": row, "true": true, "account": payment["account"],
                                     "at": payment["at"].rstrip("Z"), "spelt": False}
        return row["id"]

    def change(self, reference, at, change):
        kept = self.movements.get(reference)
        if not kept or kept["row"]["state"] != "pending":
            return False  # What is booked or refused does not change any more.
        [(what, value)] = change.items()
        if what == "status":
            kept["row"]["state"], kept["true"]["status"] = STATES[value], value
        elif what == "label":
            kept["row"]["text"] = value
        else:
            kept["row"]["amount"]["value"] = decimal(str(value), kept["row"]["amount"]["currency"])
            kept["true"]["amount"] = str(value)
        return True

    def remove(self, reference):
        return self.movements.pop(reference, None) is not None

    def addOdd(self, account, at, odd):
        [(case, value)] = odd.items() if isinstance(odd, dict) else [(odd, None)]
        spelt = {"createdAt": value} if INSTANT.fullmatch(str(value)) else None
        more = {"unknownStatus": ({"state": value}, {"status": "unknown"}), "time": ({"createdAt": value}, spelt)}
        changes, becomes = (ODD | more).get(case, (None, None))
        if changes is None:
            return None  # No such case: the check goes without it.
        key = self.add({"account": account, "at": at, "status": "succeeded", "incoming": False, "minor": 1500})
        kept = self.movements[key]
        kept["row"] = {name: field for name, field in (kept["row"] | changes).items() if field is not GONE}
        kept["true"], kept["spelt"] = None if becomes is None else kept["true"] | becomes, case == "spelling"
        return {"rejected": self.raw(kept)} if becomes is None else {"payment": [key, kept["true"] | {"raw": self.raw(kept)}]}

    def raw(self, kept):
        text = json.dumps(kept["row"])
        return text.replace('"text": "F', '"text" :\t"\\u0046') if kept["spelt"] else text

    def truth(self):
        accounts = {key: json.dumps(held["row"]) for key, held in self.accounts.items()}
        kinds = ("booked", "available")
        balances = [[key, kind, held["asset"], held[kind]] for key, held in self.accounts.items() for kind in kinds]
        payments = {key: kept["true"] | {"raw": self.raw(kept)} for key, kept in self.movements.items() if kept["true"]}
        return {"accounts": accounts, "balances": balances, "payments": payments}

    def personal(self):
        return [HOLDER] + [kept["row"]["party"]["name"] for kept in self.movements.values() if kept["row"].get("party")]

    def changeSubject(self):
        self.holder = "FJ-H-2"
        return True

    def answer(self, request, now):
        if ["authorization", f"Bearer {TOKEN}"] not in request["headers"]:
            return error(401, "token_refused")
        url = urlsplit(request["url"])
        query, path = {key: values[-1] for key, values in parse_qs(url.query).items()}, url.path.split("/")[2:]
        if path == ["me"]:
            return ok(json.dumps({"holder": self.holder, "name": HOLDER}))
        if path == ["accounts"]:
            return self.page(query, [(h["row"]["createdAt"], key, json.dumps(h["row"])) for key, h in self.accounts.items()])
        held = self.accounts.get(path[1]) if path[:1] == ["accounts"] and len(path) == 3 else None
        if held and path[2] == "balance":
            currency = held["row"]["currency"]
            return ok(json.dumps({"currency": currency} | {of: decimal(held[of], currency) for of in ("booked", "available")}))
        if held and path[2] == "movements":
            mine = [(key, kept) for key, kept in self.movements.items() if kept["account"] == path[1]]
            return self.page(query, [(kept["at"], key, self.raw(kept)) for key, kept in mine], self.quirks)
        found = self.movements.get(path[1]) if path[:1] == ["movements"] and len(path) == 2 else None
        return ok(self.raw(found)) if found else error(404, "not_there")

    def page(self, query, rows, quirks=()):
        limit, cursor = int(query.get("limit", 50)), query.get("cursor", "")
        if not 1 <= limit <= 50:
            return error(422, "limit_invalid")
        for quirk in quirks:
            limit = {"shortPages": max(limit - 1, 1), "overfull": limit + 3}.get(str(quirk), limit)
            limit = min(limit, quirk["pageClamped"]) if isinstance(quirk, dict) else limit
        rows = sorted((row for row in rows if not cursor or row[:2] < tuple(cursor.split("~"))), reverse=True)
        following = "~".join(rows[limit - 1][:2]) if len(rows) > limit else None
        if "nextIsSame" in quirks:
            following = cursor or following
        return ok(f'{{"items":[{",".join(row[2] for row in rows[:limit])}],"cursor":{json.dumps(following)}}}')

    def asked(self, request):
        last = urlsplit(request["url"]).path.rsplit("/", 1)[-1]
        return {"accounts": "accounts", "balance": "balances", "movements": "payments"}.get(last, "other")

    def dependents(self, request):
        path = urlsplit(request["url"]).path.split("/")[2:] + ["", ""]
        if path[0] == "movements":
            return [["payments", path[1]]]
        accounts = [key for key in self.accounts if path[0] == "accounts" and path[1] in ("", key)]
        payments = [["payments", key] for key, kept in self.movements.items() if kept["account"] in accounts]
        found = [["accounts", key] for key in accounts if not path[1]] + (payments if path[2] != "balance" else [])
        return found + [["balances", key] for key in accounts if path[2] != "movements"]

    def idleRequests(self, pageSize):
        pending = sum(kept["row"]["state"] == "pending" for kept in self.movements.values())
        return 2 + len(self.accounts) * 2 + (len(self.movements) + len(self.accounts)) // pageSize + pending

    def setQuirk(self, quirk):
        known = str(quirk) in ("shortPages", "overfull", "nextIsSame") or isinstance(quirk, dict)
        return known and not self.quirks.append(quirk)

    def clearQuirks(self):
        self.quirks = []

    def refusal(self, status):
        code = {401: "token_refused", 404: "not_there", 429: "slow_down"}.get(status, "refused")
        return {"response": error(status, code), "code": code, "requestId": "fj-req-1"}


bank = Bank()
for line in sys.stdin:
    call = json.loads(line)
    do = getattr(bank, call.pop("do"), None)  # What it has no case of, it answers with null.
    print(json.dumps({"ok": do(**call) if do else None}), flush=True)
