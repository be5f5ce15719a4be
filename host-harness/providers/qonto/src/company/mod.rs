//! A small company to look at: four months of an invented design studio in Nantes.
//!
//! Every person, company, IBAN and BIC is made up; the IBANs pass their checksums with bank codes that do not exist. Public
//! bodies that every French company pays are named as they are.

mod data;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc, Weekday};
use serde_json::json;

use super::account::{Account, Beneficiary};
use super::dialect::Endpoint;
use super::spell::{french_iban, iban, mix};
use super::transaction::Transaction;
use super::world::{QontoWorld, kind};
use data::{ABROAD, BANK, BIC, CLIENTS, DEBITS, SHOPS, STAFF};

/// The time at which the data set is complete: the evening of 7 October 2026.
#[must_use]
pub fn demo_now() -> DateTime<Utc> {
    at(last_day(), 18, 0)
}

fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 7).unwrap_or_default()
}

fn at(day: NaiveDate, hour: i64, minute: i64) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(hour * 60 + minute)
}

/// The company: from 1 June to 7 October 2026, some 380 transactions on four accounts, 12 SEPA beneficiaries.
/// International beneficiaries are refused (403), as to an API key. The balances follow from the rows.
#[must_use]
pub fn demo_company() -> QontoWorld {
    let mut world = QontoWorld::new("Brume & Granit", "brume-et-granit-4821", "demo-secret-6f0c1d2e3b4a5968");
    world
        .organization
        .set("legal_name", "Brume & Granit SAS")
        .set("legal_number", "00000000000017")
        .set("legal_sector", "Activités spécialisées de design")
        .set("legal_registration_date", "2019-03-14")
        .set("legal_address", "12 quai des Brumes, 44000 Nantes")
        .set("legal_share_capital", 15_000)
        .set("contract_signed_at", "2026-05-29 09:12:41.550318");
    world.dialect.forbidden.insert(Endpoint::InternationalBeneficiaries);
    Company::open(world).live()
}

struct Company {
    world: QontoWorld,
    main: String,
    savings: String,
    closed: String,
    external: String,
    owner: String,
    label: String,
    draws: u64,
}

impl Company {
    fn open(mut world: QontoWorld) -> Self {
        let now = demo_now();
        let own = |number| french_iban(0, 44, number);
        let closing = at(NaiveDate::from_ymd_opt(2026, 8, 31).unwrap_or_default(), 9, 30);
        let main = world.account(Account::new("Compte principal", &own(10_048_210_017), now).main());
        let savings = world.account(Account::new("Épargne et impôts", &own(10_048_210_024), now));
        let closed = world.account(Account::new("Projet Phare", &own(10_048_210_031), closing).closed());
        let external = Account::new("Livret d'une autre banque", "", now).external("00044999012");
        let external = world.account(external);
        let owner = world.invent(kind::MEMBER);
        let label = world.invent(kind::LABEL);
        Self { world, main, savings, closed, external, owner, label, draws: 0 }
    }

    /// A number from `low` to `high`, the same in every run.
    fn draw(&mut self, low: u64, high: u64) -> u64 {
        self.draws += 1;
        low + mix(0x0B2E_6A17 ^ self.draws) % (high - low + 1)
    }

    /// The same, as minutes and the like.
    fn minutes(&mut self, low: u64, high: u64) -> i64 {
        i64::try_from(self.draw(low, high)).unwrap_or_default()
    }

    fn live(mut self) -> QontoWorld {
        self.beneficiaries();
        let first = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
        self.opening(first);
        for day in first.iter_days().take_while(|day| *day <= last_day()) {
            self.debits(day);
            self.incomes(day);
            if day.day() == 28 {
                self.payday(day);
            }
            self.state(day);
            self.moves(day);
            self.abroad(day);
            self.cards(day);
        }
        self.rarities();
        self.ending();
        self.world.balance();
        self.world
    }

    /// A transaction that settles `hours` after it was emitted.
    fn settled(account: &str, emitted: DateTime<Utc>, hours: i64, cents: u64) -> Transaction {
        let settled = emitted + TimeDelta::hours(hours) + TimeDelta::milliseconds(emitted.timestamp() % 977);
        Transaction::on(account, emitted).cents(i128::from(cents)).settled(settled)
    }

    fn opening(&mut self, day: NaiveDate) {
        let (main, closed, external) = (self.main.clone(), self.closed.clone(), self.external.clone());
        for (account, cents, label) in [
            (&main, 6_845_217, "Ancienne banque: transfert de solde"),
            (&closed, 500_000, "Subvention Région Atlantique"),
            (&external, 1_200_000, "Ouverture du livret"),
        ] {
            let iban = french_iban(BANK, 1, 20_000_000_001);
            let income = Self::settled(account, at(day, 6, 5), 1, cents).credit().kind(
                "income",
                "Income",
                "treasury_and_interco",
            );
            let mut income = income.label(label).counterparty("income", &iban, BIC).set("attachment_required", false);
            if *account == external {
                // What is read from another bank has no settlement.
                income = income.set("settled_at", ());
                income = income.without("settled_balance").without("settled_balance_cents");
            }
            self.world.transaction(income);
        }
    }

    fn debits(&mut self, day: NaiveDate) {
        for (place, (name, cents, due, category)) in DEBITS.into_iter().enumerate() {
            if day.day() == due {
                let cents = if category == "utility" { cents + self.draw(0, 1_900) } else { cents };
                let iban = french_iban(BANK, 10, 30_000_000_000 + 7 * place as u64);
                let debit = Self::settled(&self.main, at(day, 4, 10 + 3 * i64::from(due)), 2, cents)
                    .kind("direct_debit", "DirectDebit", category)
                    .label(name)
                    .reference(&format!("PRLV {}-{:02}", name.to_uppercase(), day.month()))
                    .counterparty("direct_debit", &iban, BIC);
                self.world.transaction(debit);
            }
        }
    }

    fn incomes(&mut self, day: NaiveDate) {
        for (place, (name, due, cents, varies)) in CLIENTS.into_iter().enumerate() {
            if day.day() == due {
                let cents = cents + if varies > 0 { self.draw(0, varies) / 100 * 100 } else { 0 };
                let iban = french_iban(BANK, 20, 40_000_000_000 + 13 * place as u64);
                let number = 2_600 + u64::from(day.month()) * 10 + place as u64;
                let emitted = at(day, 9, self.minutes(0, 300));
                let income = Self::settled(&self.main, emitted, 1, cents)
                    .credit()
                    .kind("income", "Income", "sales")
                    .label(name)
                    .reference(&format!("FACT-2026-{number}"))
                    .counterparty("income", &iban, BIC)
                    .set("label_ids", [&self.label])
                    .set("attachment_required", false);
                self.world.transaction(income);
            }
        }
    }

    fn payday(&mut self, day: NaiveDate) {
        for (place, (name, cents)) in STAFF.into_iter().enumerate() {
            let iban = french_iban(BANK, 30, 50_000_000_000 + 17 * place as u64);
            // Paid as one batch: all of them share every timestamp.
            let salary = Self::settled(&self.main, at(day, 7, 0), 3, cents)
                .kind("transfer", "Transfer", "salary")
                .label(name)
                .reference(&format!("Salaire {:02}/2026", day.month()))
                .counterparty("transfer", &iban, BIC)
                .set("initiator_id", &self.owner)
                .set("attachment_required", false);
            self.world.transaction(salary);
        }
    }

    /// What the state and the bank take.
    fn state(&mut self, day: NaiveDate) {
        if day.day() == 24 {
            let cents = 318_000 + self.draw(0, 90_000) / 100 * 100;
            let vat = Self::settled(&self.main, at(day, 5, 20), 4, cents)
                .kind("direct_debit", "DirectDebit", "tax")
                .label("DGFIP")
                .reference(&format!("TVA CA3 {:02}/2026", day.month() - 1))
                .counterparty("direct_debit", &french_iban(BANK, 75, 60_000_000_001), BIC)
                .set("attachment_required", false);
            self.world.transaction(vat);
        }
        if day.day() == 1 {
            let fee = Self::settled(&self.main, at(day, 3, 0), 0, 3_480)
                .kind("qonto_fee", "BillingTransfer", "fees")
                .label("Qonto")
                .reference(&format!("Abonnement {:02}/2026", day.month()))
                .set_raw("vat_amount", "5.8")
                .set("vat_amount_cents", 580)
                .set("vat_rate", 20);
            self.world.transaction(fee);
        }
        if day.day() == 5 {
            let number = day.month() - 5;
            let installment = Self::settled(&self.main, at(day, 6, 30), 1, 41_275)
                .kind("financing_installment", "FinancingInstallment", "finance")
                .label("Financement matériel")
                .set(
                    "financing_installment",
                    json!({ "total_installments_number": 12, "current_installment_number": number }),
                );
            self.world.transaction(installment);
        }
    }

    /// Puts something aside, and once takes something back.
    fn moves(&mut self, day: NaiveDate) {
        let (from, to, cents) = match (day.month(), day.day()) {
            (_, 25) => (self.main.clone(), self.savings.clone(), 150_000),
            (8, 26) => (self.savings.clone(), self.main.clone(), 80_000),
            (8, 31) => (self.closed.clone(), self.main.clone(), 500_000),
            _ => return,
        };
        let iban = |world: &QontoWorld, id: &str| {
            world.account_object(id).and_then(|account| account.text("iban")).unwrap_or_default().into_owned()
        };
        let (from_iban, to_iban) = (iban(&self.world, &from), iban(&self.world, &to));
        // Two legs, with nothing between them but the amount and the time.
        let leg = |account: &str| {
            Self::settled(account, at(day, 8, 15), 0, cents)
                .reference("Virement interne")
                .set("attachment_required", false)
                .set("initiator_id", &self.owner)
        };
        let out = leg(&from)
            .kind("transfer", "WalletToWallet", "treasury_and_interco")
            .label("Brume & Granit")
            .counterparty("transfer", &to_iban, "FICTFRP1XXX");
        let into = leg(&to)
            .credit()
            .kind("income", "WalletToWallet", "treasury_and_interco")
            .label("Brume & Granit")
            .counterparty("income", &from_iban, "FICTFRP1XXX");
        self.world.transaction(out);
        self.world.transaction(into);
    }

    fn abroad(&mut self, day: NaiveDate) {
        for (name, currency, hundredths, rate, due) in ABROAD {
            if day.day() == due {
                let rate = rate + self.draw(0, rate / 50);
                let emitted = at(day, 2, self.minutes(0, 59));
                let card = Self::settled(&self.main, emitted, 30, hundredths * rate / 10_000)
                    .local(currency, i128::from(hundredths))
                    .label(name)
                    .card("4417")
                    .set("category", "online_service")
                    .set("initiator_id", &self.owner);
                self.world.transaction(card);
            }
        }
    }

    fn cards(&mut self, day: NaiveDate) {
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return;
        }
        // August is quiet.
        let count = if day.month() == 8 { self.draw(0, 2) } else { self.draw(1, 4) };
        for _ in 0..count {
            let shop = usize::try_from(self.draw(0, SHOPS.len() as u64 - 1)).unwrap_or_default();
            let Some((name, category, low, high)) = SHOPS.get(shop).copied() else { continue };
            let cents = self.draw(low, high);
            let emitted = at(day, 7, self.minutes(0, 720)) + TimeDelta::milliseconds(self.minutes(0, 999));
            let digits = ["4417", "0926", "7730"].get(shop % 3).copied().unwrap_or("4417");
            // Cards are settled a day or two later; what is emitted last is still pending.
            let hours = self.minutes(20, 52);
            let card = Self::settled(&self.main, emitted, hours, cents)
                .label(name)
                .card(digits)
                .set("category", category)
                .set("initiator_id", &self.owner)
                .set("cashflow_category", json!({ "name": "Charges courantes" }))
                .set("cashflow_subcategory", json!({ "name": null }));
            let card = match shop % 5 {
                0 => card.set("note", "Déjeuner d'équipe"),
                1 => card.set_raw("vat_amount", "1.67").set("vat_amount_cents", 167).set("vat_rate", 10),
                _ => card,
            };
            let pending = emitted + TimeDelta::hours(hours) > demo_now();
            self.world.transaction(if pending { card.updated(emitted).status("pending") } else { card });
        }
    }

    /// What happens once.
    fn rarities(&mut self) {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default();
        let main = self.main.clone();
        let plain = |month, of, cents| Self::settled(&main, at(day(month, of), 10, 42), 5, cents);
        let abroad = json!({
            "counterparty_account_number": "000123456789",
            "counterparty_account_number_format": "account_number",
            "counterparty_bank_identifier": "FICTUS33XXX",
            "counterparty_bank_identifier_format": "SWIFT_BIC",
        });
        let rows = [
            plain(7, 2, 873_420).credit().kind("swift_income", "SwiftIncome", "sales").label("Harbor & Pine Studio LLC")
                .reference("INV 2026-07 BRAND GUIDE").local("USD", 950_000).set("swift_income", abroad),
            plain(6, 18, 64_000).credit().kind("cheque", "Check", "sales").label("Remise de chèque")
                .set("check", json!({ "check_number": "0004417", "check_key": "35" })),
            plain(9, 16, 6_100).kind("transfer", "PagopaPayment", "tax").label("Comune di Vallescura").set(
                "pagopa_payment",
                json!({ "notice_number": "302000000000000017", "creditor_fiscal_code": "00000000000", "iuv": "02000000000000017" }),
            ),
            plain(9, 16, 24_550).kind("transfer", "F24Payment", "tax").label("Agenzia delle Entrate").reference("F24 09/2026"),
            plain(7, 20, 240_000).credit().kind("income", "FinancingIncome", "finance").label("Financement matériel"),
            plain(8, 12, 132_000).kind("pay_later", "Transfer", "finance").label("Payer plus tard: Imprimerie Vauquelin")
                .counterparty("transfer", &french_iban(BANK, 30, 50_000_000_901), BIC),
            plain(9, 3, 5_900).credit().kind("card", "Card", "refund").label("Pixelforge Inc.").card("4417"),
            plain(9, 9, 5_990).credit().kind("recall", "DirectDebit", "refund").label("FibreOuest Télécom"),
            plain(6, 30, 1_250).kind("qonto_fee", "Other", "fees").label("Qonto").reference("Commission de change"),
        ];
        for row in rows {
            self.world.transaction(row.set("initiator_id", &self.owner));
        }
        let interest = Transaction::on(&self.external, at(day(9, 30), 22, 0)).cents(2_417).credit();
        let interest = interest.kind("other", "Other", "other_income").label("Intérêts").set("settled_at", ());
        self.world.transaction(interest.without("settled_balance").without("settled_balance_cents"));
    }

    /// What is not over yet, and what was refused.
    fn ending(&mut self) {
        let today = last_day();
        let emitted = at(today, 11, 20);
        let open = |cents, status: &str| Transaction::on(&self.main, emitted).cents(cents).status(status);
        let supplier = french_iban(BANK, 30, 50_000_000_901);
        let rows = [
            open(38_900, "declined").label("Hôtel des Deux Rivières").card("7730").set("category", "hotel_and_lodging"),
            open(96_000, "pending")
                .kind("transfer", "Transfer", "marketing")
                .label("Imprimerie Vauquelin")
                .reference("Devis 2026-311")
                .counterparty("transfer", &supplier, BIC),
            open(288_000, "pending").credit().kind("income", "Income", "sales").label("Mairie de Port-Clair"),
            open(210_000, "declined").kind("direct_debit", "DirectDebit", "other_expense").label("Nuagerie SAS"),
        ];
        for row in rows {
            self.world.transaction(row);
        }
    }

    fn beneficiaries(&mut self) {
        let start = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
        let mut made = 0_u64;
        let mut add = |world: &mut QontoWorld, name: &str, iban: &str, status: &str, trusted: bool| {
            let when = at(start + Days::new(made * 9), 8, 5);
            made += 1;
            let one = Beneficiary::sepa(name, iban, BIC, when).set("status", status).set("trusted", trusted);
            world.sepa_beneficiary(one);
        };
        for (place, (name, _)) in STAFF.into_iter().enumerate() {
            add(&mut self.world, name, &french_iban(BANK, 30, 50_000_000_000 + 17 * place as u64), "validated", true);
        }
        let german = iban("DE", "999999990001234567");
        for (name, number, status, trusted) in [
            ("Imprimerie Vauquelin", french_iban(BANK, 30, 50_000_000_901), "validated", true),
            ("SCI Les Trois Ancres", french_iban(BANK, 10, 30_000_000_000), "validated", true),
            ("Comptaligne SARL", french_iban(BANK, 10, 30_000_000_042), "validated", true),
            ("Holzwerk Nordlicht GmbH", german, "validated", false),
            ("Quincaillerie Bellec", french_iban(BANK, 31, 51_000_000_003), "pending", true),
            ("Lucien Abgrall", "FR76*******************8842".to_owned(), "validated", true),
            ("Atelier Coquelicot", french_iban(BANK, 31, 51_000_000_011), "declined", false),
        ] {
            add(&mut self.world, name, &number, status, trusted);
        }
    }
}
