"""The connector for Example Bank. Here is where you go on: the manifest, and how a row becomes a record."""

from wit_world import exports
from wit_world.exports import connector as c
from wit_world.imports import payments_connector_types as types

from kit import errors, money, rows
from kit.config import Config, check_page_size
from kit.http import Client, segment
from kit.paging import Paging, read

NAME = "@NAME@"
VERSION = "0.1.0"
PRODUCTION = "https://api.examplebank.example"
MAX_PAGE = 100
ACCOUNTS = Paging()
PAYMENTS = Paging(changes=("changedFrom", "changedAt"))
STATUSES = {"pending": types.PaymentStatus.PENDING, "booked": types.PaymentStatus.SUCCEEDED,
            "refused": types.PaymentStatus.FAILED}
TYPES = {"in": types.PaymentType.PAY_IN, "out": types.PaymentType.PAYOUT}


class Connector(exports.Connector):
    def describe(self):
        field, get = c.ConfigField, lambda path: c.RequestPattern("GET", "endpoint", path)
        return c.Manifest(
            name=NAME, version=VERSION, description="Reads the accounts, balances and payments of one customer.",
            capabilities=[c.Capability.FETCH_ACCOUNTS, c.Capability.FETCH_BALANCES, c.Capability.FETCH_PAYMENTS],
            workflow=[c.Task("fetch-accounts", c.Capability.FETCH_ACCOUNTS, True, 0, None, True, False),
                      c.Task("fetch-balances", c.Capability.FETCH_BALANCES, False, 0, 0, False, False),
                      c.Task("fetch-payments", c.Capability.FETCH_PAYMENTS, True, 0, 0, False, False)],
            config=[field("endpoint", c.FieldKind.URL, True, None, f"Where the API is: {PRODUCTION}."),
                    field("token", c.FieldKind.SECRET, True, None, "A token for reading, from the bank's settings."),
                    field("pageSize", c.FieldKind.INTEGER, False, "50", "How many rows to ask for at a time, 1 to 100."),
                    field("pollingPeriod", c.FieldKind.DURATION, False, "30m", "The time between two polls.")],
            credentials=[c.Credential("login", ["endpoint"], [], [("authorization", "Bearer {token}")], [])],
            requests=[get("/v1/me"), get("/v1/accounts"), get("/v1/accounts/{id}/payments")],
            headers=[], max_page_size=MAX_PAGE, max_in_flight=1, rate_limits=[])

    def check(self, config):
        client = bank(config)
        body = client.get("/v1/me")
        try:
            me = rows.Row(body)
            return c.Checked(me.id(), me.text("name"))
        except rows.Malformed:
            raise client.lacking("/v1/me", body, "an id") from None

    def fetch_accounts(self, request):
        client, _ = begin(request, None)
        page = read(client, request, "/v1/accounts", ACCOUNTS, account)
        return c.AccountsPage(page.items, [], page.rejected, page.gaps, page.has_more)

    def fetch_balances(self, request):
        _, parent = begin(request, "fetch-accounts")
        try:
            row = rows.Row(parent.raw)
            items = [balance(row, kind, request) for kind in ("booked", "available")]
            return c.BalancesPage(items, [], [], False)
        except ValueError as reason:
            raise errors.invalid_parent(str(reason)) from None

    def fetch_payments(self, request):
        client, parent = begin(request, "fetch-accounts")
        reference = segment(parent.reference)
        if reference is None:
            raise errors.invalid_parent("its reference is none of the bank's")
        page = read(client, request, f"/v1/accounts/{reference}/payments", PAYMENTS, lambda row: payment(row, parent))
        return c.PaymentsPage(page.items, [], page.rejected, page.gaps, page.has_more)

    def fetch_external_accounts(self, request):
        raise errors.unsupported()

    def follow_payments(self, request, references):
        raise errors.unsupported()

    def fetch_others(self, request):
        raise errors.unsupported()


def bank(config, observed_at=None):
    config = Config(config)
    config.expect_set("token")
    origin = config.origin("endpoint", PRODUCTION)
    config.check_polling(MAX_PAGE)
    return Client(origin, f"{NAME}/{VERSION}", said, observed_at)


def begin(request, parent):
    """Checks what a call was given."""
    client = bank(request.config, request.observed_at)
    check_page_size(request.page_size, MAX_PAGE)
    given = request.parent.task if request.parent else None
    if given != parent:
        raise errors.invalid_parent(f"it is of {given}, expected {parent}")
    return client, request.parent


def said(answer):
    """What a refusal of the bank's says: code, text, request id."""
    try:
        row = rows.Row(answer.body.decode())
        return row.text("error", "code"), row.text("error", "message"), row.text("request")
    except ValueError:
        return None, "an HTML page" if answer.body.lstrip()[:1] == b"<" else None, None


def account(row):
    return types.Account(
        reference=row.id(), name=row.text("title"), default_asset=money.asset(row.required("currency")),
        created_at=row.time("createdAt"), updated_at=None, raw=row.raw,
        metadata=rows.metadata("com.examplebank.spec/", {}, {"iban": row.text("iban")}))


def balance(row, kind, request):
    kinds = {"booked": types.BalanceKind.BOOKED, "available": types.BalanceKind.AVAILABLE}
    currency = row.required("currency")
    amount = money.minor(row.required("balance", kind), currency)
    return types.Balance(row.id(), kinds[kind], None, amount, money.asset(currency), request.observed_at)


def payment(row, parent):
    currency, way = row.required("currency"), TYPES.get(row.text("direction"), types.PaymentType.OTHER)
    amount = money.minor(row.required("amount"), currency)
    if amount.startswith("-"):
        raise rows.Malformed(row.wrong("expected an amount without a sign", "amount"))
    status = STATUSES.get(row.text("state"), types.PaymentStatus.UNKNOWN)
    name, number = row.text("party", "name"), row.text("party", "iban")
    party = types.Counterparty(name, None, number, number and "IBAN", None, None) if name or number else None
    return types.Payment(
        reference=row.id(), parent_reference=None, created_at=row.required_time("createdAt"),
        created_at_precision=types.TimePrecision.INSTANT, updated_at=row.time("changedAt"), payment_type=way, status=status,
        scheme=types.PaymentScheme.UNKNOWN, amount=amount, asset=money.asset(currency), fees=[], counter_amount=None,
        source_account_reference=parent.reference if way is types.PaymentType.PAYOUT else None,
        destination_account_reference=parent.reference if way is types.PaymentType.PAY_IN else None, counterparty=party,
        metadata=rows.metadata("com.examplebank.spec/", {}, {"description": row.text("text"), "status": row.text("state")}),
        raw=row.raw)
