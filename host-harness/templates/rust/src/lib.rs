//! The connector for Example Bank. Here is where you go on: the manifest, and how a row becomes a record.

use connector_kit::prelude::*;

const PRODUCTION: &str = "https://api.examplebank.example";
const PAYMENTS: Paging = Paging { changes: Some(("changedFrom", "changedAt")), ..Paging::USUAL };
const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

pub struct Bank;
component!(Bank);

impl Connector for Bank {
    fn describe() -> Manifest {
        let workflow = vec![
            Task { snapshot: true, ..task("fetch-accounts", Capability::FetchAccounts, None) },
            Task { periodic: false, ..task("fetch-balances", Capability::FetchBalances, Some(0)) },
            task("fetch-payments", Capability::FetchPayments, Some(0)),
        ];
        let paths = ["/v1/me", "/v1/accounts", "/v1/accounts/{id}/payments"];
        let about = "Reads the accounts, balances and payments of one customer of the bank. Read-only.";
        let manifest = manifest::simple(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), about, workflow, &paths);
        Manifest { config: manifest::simple_config(PRODUCTION), ..manifest }
    }

    fn check<H: Host>(host: &mut H, config: &str) -> Result<Checked, Error> {
        bank(host, config)?.whose("/v1/me")
    }

    fn fetch_accounts<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
        let mut bank = bank(host, &request.config)?.at(request)?;
        Ok(read(&mut bank, request, ("/v1/accounts", &[]), Paging::USUAL, account)?.into())
    }

    fn fetch_balances<H: Host>(host: &mut H, request: &FetchRequest) -> Result<BalancesPage, Error> {
        bank(host, &request.config)?.at(request)?;
        let items = balances(&parent(request)?.raw, request.observed_at);
        let items = items.map_err(|reason| errors::invalid_parent(&reason))?;
        Ok(BalancesPage { items, rejected: vec![], gaps: vec![], has_more: false })
    }

    fn fetch_payments<H: Host>(host: &mut H, request: &FetchRequest) -> Result<PaymentsPage, Error> {
        let mut bank = bank(host, &request.config)?.at(request)?;
        let of = &parent(request)?.reference;
        let id = segment(of).ok_or_else(|| errors::invalid_parent("its reference is none of the bank's"))?;
        let path = format!("/v1/accounts/{id}/payments");
        Ok(read(&mut bank, request, (&path, &[]), PAYMENTS, |row, raw| payment(row, raw, of))?.into())
    }
}

fn bank<'a, H: Host>(host: &'a mut H, config: &str) -> Result<Client<'a, H>, Error> {
    Client::simple(host, config, PRODUCTION, AGENT)
}

fn parent(request: &FetchRequest) -> Result<&Parent, Error> {
    let parent = request.parent.as_ref().filter(|parent| parent.task == "fetch-accounts");
    parent.ok_or_else(|| errors::invalid_parent("it is no account"))
}

fn account(row: &Row, raw: &str) -> Result<Account, String> {
    let (name, created_at) = (row.text("title").map(Into::into), row.time("createdAt")?);
    let default_asset = Some(currency(row, "currency")?.asset());
    let mut metadata = Pairs::of("com.examplebank.spec/");
    metadata.add_standard("iban", row.text("iban"));
    Ok(Account { name, created_at, default_asset, metadata: metadata.finish(), ..record::account(row, raw)? })
}

fn balances(raw: &str, as_of: Timestamp) -> Result<Vec<Balance>, String> {
    let row = Row::parse(raw)?;
    let (amounts, currency) = (row.object("balance").unwrap_or_default(), currency(&row, "currency")?);
    let read = |(key, kind)| {
        let Money { amount, asset } = money(&amounts, key, currency)?;
        Ok(Balance { account_reference: row.id()?.into(), kind, label: None, amount, asset, as_of })
    };
    [("booked", BalanceKind::Booked), ("available", BalanceKind::Available)].into_iter().map(read).collect()
}

fn payment(row: &Row, raw: &str, account: &str) -> Result<Payment, String> {
    let (at, money) = (row.required_time("createdAt")?, unsigned(row, "amount", currency(row, "currency")?)?);
    let types = [("in", PaymentType::PayIn), ("out", PaymentType::Payout)];
    let payment_type = word(row, "direction", &types, PaymentType::Other);
    let states =
        [("pending", PaymentStatus::Pending), ("booked", PaymentStatus::Succeeded), ("refused", PaymentStatus::Failed)];
    let own = |way| (payment_type == way).then(|| account.to_owned());
    let party = row.object("party").unwrap_or_default();
    let mut metadata = Pairs::of("com.examplebank.spec/");
    metadata.add_standard("description", row.text("text"));
    metadata.add_standard("status", row.text("state"));
    Ok(Payment {
        updated_at: row.time("changedAt")?,
        payment_type,
        status: word(row, "state", &states, PaymentStatus::Unknown),
        source_account_reference: own(PaymentType::Payout),
        destination_account_reference: own(PaymentType::PayIn),
        counterparty: counterparty(party.text("name").map(Into::into), party.text("iban").map(Into::into)),
        metadata: metadata.finish(),
        ..record::payment(row, raw, at, money)?
    })
}
