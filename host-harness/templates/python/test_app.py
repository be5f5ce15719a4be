"""The connector at the bank that does not exist, without a component: for what is quicker to find here."""

import json
import unittest

from wit_world.exports import connector as c
from wit_world.imports import payments_connector_types as types
from wit_world.imports import state

import bank
from app import Connector
from kit import http, money, rows, times

CONFIG = json.dumps({"endpoint": "https://api.examplebank.example", "token": True, "pageSize": 2})


class AtTheBank(unittest.TestCase):
    def setUp(self):
        self.bank, self.state, self.connector = bank.Bank(), None, Connector()
        self.bank.reset()
        http.send = self.send
        state.get = lambda: self.state
        state.set = lambda value: setattr(self, "state", value)

    def send(self, url, headers):
        credentials = [["authorization", f"Bearer {bank.TOKEN}"]]
        request = {"method": "GET", "url": url, "headers": [list(header) for header in headers] + credentials}
        answer = self.bank.answer(request, "2026-06-01T00:00:00Z")
        return http.Answer(answer["status"], answer["headers"], answer["body"].encode())

    def request(self, parent=None):
        now = times.parse("2026-06-01T00:00:00Z")
        return c.FetchRequest(CONFIG, "task", parent, 2, 1, None, now)

    def parent(self):
        account = self.connector.fetch_accounts(self.request()).items[0]
        self.state = None
        return c.Parent("fetch-accounts", account.reference, account.default_asset, account.metadata, account.raw)

    def payments(self, parent):
        found, more = [], True
        while more:
            page = self.connector.fetch_payments(self.request(parent))
            found, more = found + page.items, page.has_more
        return found

    def test_payments_come_once_and_again_when_they_change(self):
        account = self.bank.open("EUR")
        order = {"account": account, "at": "2026-05-01T10:00:00Z", "status": "pending", "incoming": False, "minor": 1250}
        keys = [self.bank.add(order) for _ in range(5)]
        parent = self.parent()
        self.assertEqual([payment.reference for payment in self.payments(parent)], keys)
        kept = self.state
        self.payments(parent)
        self.assertEqual(self.state, kept, "a poll with nothing new leaves the state as it was")
        self.bank.change(keys[2], "2026-05-02T10:00:00Z", {"status": "succeeded"})
        changed = {payment.reference: payment.status for payment in self.payments(parent)}
        self.assertEqual(changed[keys[2]], types.PaymentStatus.SUCCEEDED)

    def test_balances_are_those_of_the_account(self):
        self.bank.open("BHD")
        page = self.connector.fetch_balances(self.request(self.parent()))
        self.assertEqual([(balance.amount, balance.asset) for balance in page.items], [("700000", "BHD/3"), ("600000", "BHD/3")])


class Rows(unittest.TestCase):
    def test_a_row_keeps_its_bytes(self):
        listed = '[ {"amount": 1.50 , "b":1e2} , 7,"x\\"]" ]'
        self.assertEqual([raw for _, raw in rows.parts(listed)], ['{"amount": 1.50 , "b":1e2}', "7", '"x\\"]"'])

    def test_what_is_nested_without_end_is_refused(self):
        self.assertRaises(rows.Malformed, rows.Row, '{"deep":' + "[" * 10_000 + "]" * 10_000 + "}")
        self.assertRaises(rows.Malformed, rows.expect_object, '{"deep":' + '{"a":[' * 10_000)

    def test_amounts_are_exact_or_refused(self):
        for text, currency, expected in [("12.50", "EUR", "1250"), ("-0.05", "EUR", "-5"), ("1500.0", "JPY", "1500"),
                                         ("90071992547409.93", "EUR", "9007199254740993"), ("1.2e1", "BHD", "12000")]:
            self.assertEqual(money.minor(text, currency), expected)
        for text, currency in [("1.005", "EUR"), ("1,5", "EUR"), ("1500.5", "JPY"), ("1e99999", "EUR"), ("1", "XAU")]:
            self.assertRaises(ValueError, money.minor, text, currency)

    def test_instants_are_read_in_any_zone_and_never_guessed(self):
        self.assertEqual(times.parse("2026-01-31T12:20:30.5+02:00"), types.Timestamp(1_769_854_830, 500_000_000))
        for text in ["", "2026-01-31", "2026-01-31T10:20:30", "2026-02-29T00:00:00Z"]:
            self.assertRaises(ValueError, times.parse, text)
