-- A store as layout 3 wrote it, for whether a newer program reads it. An invented company; nothing in it is anybody's.
PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1347245139;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE account_versions (
    id        INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES accounts(id),
    name      TEXT,
    asset     TEXT,
    created_s INTEGER,
    created_n INTEGER,
    updated_s INTEGER,
    updated_n INTEGER,
    metadata  TEXT NOT NULL,
    raw       TEXT NOT NULL,
    kept_at   TEXT NOT NULL
) STRICT;
INSERT INTO "account_versions" VALUES(1,1,'Compte courant','EUR/2',NULL,NULL,1777622400,0,'{"com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000010000000000115","com.qonto.spec/main":"true","com.qonto.spec/organization_slug":"atelier-morel","com.qonto.spec/status":"active"}','{"id": "acc-1", "slug": "main", "iban": "FR7699999000010000000000115", "bic": "FICTFRP2XXX", "currency": "EUR", "balance": 1200.5, "balance_cents": 120050, "authorized_balance": 1100.5, "authorized_balance_cents": 110050, "name": "Compte courant", "updated_at": "2026-05-01T08:00:00.000Z", "status": "active", "main": true}','2026-11-27T03:53:31.045743352Z');
CREATE TABLE accounts (
    id        INTEGER PRIMARY KEY,
    install   INTEGER NOT NULL REFERENCES installs(id),
    kind      TEXT NOT NULL,
    reference TEXT NOT NULL,
    name      TEXT,
    asset     TEXT,
    created_s INTEGER,
    created_n INTEGER,
    updated_s INTEGER,
    updated_n INTEGER,
    metadata  TEXT NOT NULL,
    raw       TEXT NOT NULL,
    -- When it was last read in this version. Not part of the record.
    read_at   TEXT NOT NULL,
    UNIQUE (install, kind, reference)
) STRICT;
INSERT INTO "accounts" VALUES(1,1,'account','acc-1','Compte courant','EUR/2',NULL,NULL,1777622400,0,'{"com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000010000000000115","com.qonto.spec/main":"true","com.qonto.spec/organization_slug":"atelier-morel","com.qonto.spec/status":"active"}','{"id": "acc-1", "slug": "main", "iban": "FR7699999000010000000000115", "bic": "FICTFRP2XXX", "currency": "EUR", "balance": 1155.5, "balance_cents": 115550, "authorized_balance": 1100.5, "authorized_balance_cents": 110050, "name": "Compte courant", "updated_at": "2026-05-01T08:00:00.000Z", "status": "active", "main": true}','2026-11-27T03:53:31.045743352Z');
INSERT INTO "accounts" VALUES(2,1,'account','acc-2','TVA','EUR/2',NULL,NULL,1777622400,0,'{"com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000010000000000212","com.qonto.spec/main":"false","com.qonto.spec/organization_slug":"atelier-morel","com.qonto.spec/status":"active"}','{"id": "acc-2", "slug": "taxes", "iban": "FR7699999000010000000000212", "bic": "FICTFRP2XXX", "currency": "EUR", "balance": 0, "balance_cents": 0, "authorized_balance": 0, "authorized_balance_cents": 0, "name": "TVA", "updated_at": "2026-05-01T08:00:00.000Z", "status": "active", "main": false}','2026-11-27T03:53:31.045743352Z');
INSERT INTO "accounts" VALUES(3,1,'external-account','b-1','Imprimerie Faure','EUR/2',1775030400,0,1775030400,0,'{"com.qonto.spec/beneficiary_id":"b-1","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/iban":"FR7699999000010000000000309","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"true"}','{"id": "b-1", "name": "Imprimerie Faure", "iban": "FR7699999000010000000000309", "bic": "FICTFRP2XXX", "status": "validated", "trusted": true, "created_at": "2026-04-01T08:00:00.000Z", "updated_at": "2026-04-01T08:00:00.000Z"}','2026-11-27T03:53:30.784279840Z');
CREATE TABLE adjustments (
    id          INTEGER PRIMARY KEY,
    payment     INTEGER NOT NULL REFERENCES payments(id),
    seq         INTEGER NOT NULL,
    updated_s   INTEGER NOT NULL,
    updated_n   INTEGER NOT NULL,
    withdrawn_s INTEGER,
    withdrawn_n INTEGER,
    status      TEXT NOT NULL,
    amount      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    UNIQUE (payment, seq)
) STRICT;
INSERT INTO "adjustments" VALUES(1,1,1,1777716000,0,NULL,NULL,'PENDING','990','{"id": "tx-2", "transaction_id": "am-2", "amount": 9.9, "amount_cents": 990, "local_amount": 9.9, "local_amount_cents": 990, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Carte", "settled_at": null, "emitted_at": "2026-05-02T10:00:00.000Z", "created_at": "2026-05-02T10:00:00.000Z", "updated_at": "2026-05-02T10:00:00.000Z", "status": "pending", "note": null, "reference": "F-2", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(2,2,1,1777719600,0,NULL,NULL,'PENDING','4500','{"id": "tx-3", "transaction_id": "am-3", "amount": 45.0, "amount_cents": 4500, "local_amount": 45.0, "local_amount_cents": 4500, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Virement", "settled_at": null, "emitted_at": "2026-05-02T11:00:00.000Z", "created_at": "2026-05-02T11:00:00.000Z", "updated_at": "2026-05-02T11:00:00.000Z", "status": "pending", "note": null, "reference": "F-3", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(3,3,1,1777723200,0,NULL,NULL,'FAILED','100','{"id": "tx-4", "transaction_id": "am-4", "amount": 1.0, "amount_cents": 100, "local_amount": 1.0, "local_amount_cents": 100, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Refus", "settled_at": null, "emitted_at": "2026-05-02T12:00:00.000Z", "created_at": "2026-05-02T12:00:00.000Z", "updated_at": "2026-05-02T12:00:00.000Z", "status": "declined", "note": null, "reference": "F-4", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(4,4,1,1777712400,0,NULL,NULL,'SUCCEEDED','1250','{"id": "tx-1", "transaction_id": "am-1", "amount": 12.5, "amount_cents": 1250, "local_amount": 12.5, "local_amount_cents": 1250, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Loyer", "settled_at": "2026-05-02T09:00:00.000Z", "emitted_at": "2026-05-02T09:00:00.000Z", "created_at": "2026-05-02T09:00:00.000Z", "updated_at": "2026-05-02T09:00:00.000Z", "status": "completed", "note": null, "reference": "F-1", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(5,5,1,1777809600,123000000,NULL,NULL,'SUCCEEDED','30000','{"id": "tx-5", "transaction_id": "am-5", "amount": 300.0, "amount_cents": 30000, "local_amount": 300.0, "local_amount_cents": 30000, "local_currency": "EUR", "currency": "EUR", "side": "credit", "operation_type": "transfer", "label": "TVA", "settled_at": "2026-05-03T12:00:00.123Z", "emitted_at": "2026-05-03T12:00:00.123Z", "created_at": "2026-05-03T12:00:00.123Z", "updated_at": "2026-05-03T12:00:00.123Z", "status": "completed", "note": null, "reference": "F-5", "bank_account_id": "acc-2", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(6,4,2,1777885200,0,NULL,NULL,'SUCCEEDED','1250','{"id": "tx-1", "transaction_id": "am-1", "amount": 12.5, "amount_cents": 1250, "local_amount": 12.5, "local_amount_cents": 1250, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Loyer mai", "settled_at": "2026-05-02T09:00:00.000Z", "emitted_at": "2026-05-02T09:00:00.000Z", "created_at": "2026-05-02T09:00:00.000Z", "updated_at": "2026-05-04T09:00:00.000Z", "status": "completed", "note": null, "reference": "F-1", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(7,2,2,1777888800,0,NULL,NULL,'SUCCEEDED','4500','{"id": "tx-3", "transaction_id": "am-3", "amount": 45.0, "amount_cents": 4500, "local_amount": 45.0, "local_amount_cents": 4500, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Virement", "settled_at": "2026-05-04T10:00:00.000Z", "emitted_at": "2026-05-02T11:00:00.000Z", "created_at": "2026-05-02T11:00:00.000Z", "updated_at": "2026-05-04T10:00:00.000Z", "status": "completed", "note": null, "reference": "F-3", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
INSERT INTO "adjustments" VALUES(8,1,2,1777716000,0,1795751611,126016525,'CANCELLED','990','{"id": "tx-2", "transaction_id": "am-2", "amount": 9.9, "amount_cents": 990, "local_amount": 9.9, "local_amount_cents": 990, "local_currency": "EUR", "currency": "EUR", "side": "debit", "operation_type": "transfer", "label": "Carte", "settled_at": null, "emitted_at": "2026-05-02T10:00:00.000Z", "created_at": "2026-05-02T10:00:00.000Z", "updated_at": "2026-05-02T10:00:00.000Z", "status": "pending", "note": null, "reference": "F-2", "bank_account_id": "acc-1", "vat_amount": null, "subject_type": "Transfer"}');
CREATE TABLE balances (
    id      INTEGER PRIMARY KEY,
    install INTEGER NOT NULL REFERENCES installs(id),
    account TEXT NOT NULL,
    kind    TEXT NOT NULL,
    asset   TEXT NOT NULL,
    amount  TEXT NOT NULL,
    since_s INTEGER NOT NULL,
    since_n INTEGER NOT NULL,
    until_s INTEGER NOT NULL,
    until_n INTEGER NOT NULL
) STRICT;
INSERT INTO "balances" VALUES(1,1,'acc-1','BOOKED','EUR/2','120050',1795751610,740758777,1795751610,740758777);
INSERT INTO "balances" VALUES(2,1,'acc-1','AVAILABLE','EUR/2','110050',1795751610,740758777,1795751611,45743352);
INSERT INTO "balances" VALUES(3,1,'acc-2','BOOKED','EUR/2','0',1795751610,740758777,1795751611,45743352);
INSERT INTO "balances" VALUES(4,1,'acc-2','AVAILABLE','EUR/2','0',1795751610,740758777,1795751611,45743352);
INSERT INTO "balances" VALUES(5,1,'acc-1','BOOKED','EUR/2','115550',1795751611,45743352,1795751611,45743352);
CREATE TABLE grants (
    install     INTEGER PRIMARY KEY REFERENCES installs(id),
    terms       TEXT,
    accepted_at TEXT NOT NULL
) STRICT;
INSERT INTO "grants" VALUES(1,NULL,'2026-11-27T03:53:30.686498192Z');
CREATE TABLE incidents (
    id         INTEGER PRIMARY KEY,
    install    INTEGER NOT NULL REFERENCES installs(id),
    at         TEXT NOT NULL,
    stream     TEXT,
    component  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    method     TEXT NOT NULL,
    origin     TEXT NOT NULL,
    path       TEXT NOT NULL,
    refusals   INTEGER NOT NULL,
    told       TEXT NOT NULL,
    cleared_at TEXT
) STRICT;
CREATE TABLE installs (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
, bytes INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "installs" VALUES(1,'qonto',10255);
CREATE TABLE payments (
    id           INTEGER PRIMARY KEY,
    install      INTEGER NOT NULL REFERENCES installs(id),
    reference    TEXT NOT NULL,
    current      INTEGER NOT NULL,
    created_s    INTEGER NOT NULL,
    created_n    INTEGER NOT NULL,
    updated_s    INTEGER NOT NULL,
    updated_n    INTEGER NOT NULL,
    type         TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    asset        TEXT NOT NULL,
    source       TEXT,
    destination  TEXT,
    counterparty TEXT,
    metadata     TEXT NOT NULL,
    UNIQUE (install, reference)
) STRICT;
INSERT INTO "payments" VALUES(1,1,'tx-2',2,1777716000,0,1777716000,0,'PAYOUT','SEPA_CREDIT','EUR/2','acc-1',NULL,'{"name":"Carte","accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Carte","com.qonto.spec/operation_type":"transfer","com.qonto.spec/reference":"F-2","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"am-2"}');
INSERT INTO "payments" VALUES(2,1,'tx-3',2,1777719600,0,1777888800,0,'PAYOUT','SEPA_CREDIT','EUR/2','acc-1',NULL,'{"name":"Virement","accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Virement","com.qonto.spec/operation_type":"transfer","com.qonto.spec/reference":"F-3","com.qonto.spec/settled_at":"2026-05-04T10:00:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"am-3"}');
INSERT INTO "payments" VALUES(3,1,'tx-4',1,1777723200,0,1777723200,0,'PAYOUT','SEPA_CREDIT','EUR/2','acc-1',NULL,'{"name":"Refus","accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Refus","com.qonto.spec/operation_type":"transfer","com.qonto.spec/reference":"F-4","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"am-4"}');
INSERT INTO "payments" VALUES(4,1,'tx-1',2,1777712400,0,1777885200,0,'PAYOUT','SEPA_CREDIT','EUR/2','acc-1',NULL,'{"name":"Loyer mai","accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Loyer mai","com.qonto.spec/operation_type":"transfer","com.qonto.spec/reference":"F-1","com.qonto.spec/settled_at":"2026-05-02T09:00:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"am-1"}');
INSERT INTO "payments" VALUES(5,1,'tx-5',1,1777809600,123000000,1777809600,123000000,'PAY-IN','SEPA_CREDIT','EUR/2',NULL,'acc-2','{"name":"TVA","accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"TVA","com.qonto.spec/operation_type":"transfer","com.qonto.spec/reference":"F-5","com.qonto.spec/settled_at":"2026-05-03T12:00:00.123Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"am-5"}');
CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    digest      INTEGER NOT NULL,
    reference   TEXT,
    reason      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    first_seen  TEXT NOT NULL,
    resolved_at TEXT
) STRICT;
INSERT INTO "quarantine" VALUES(1,5,2264725780834294261,'tx-6','currency is "ZZZ": expected a currency code of ISO 4217, such as EUR','{"id": "tx-6", "transaction_id": "am-6", "amount": 0.01, "amount_cents": 1, "local_amount": 0.01, "local_amount_cents": 1, "local_currency": "EUR", "currency": "ZZZ", "side": "debit", "operation_type": "transfer", "label": "Odd", "settled_at": "2026-05-03T13:00:00.123Z", "emitted_at": "2026-05-03T13:00:00.123Z", "created_at": "2026-05-03T13:00:00.123Z", "updated_at": "2026-05-03T13:00:00.123Z", "status": "completed", "note": null, "reference": "F-6", "bank_account_id": "acc-2", "vat_amount": null, "subject_type": "Transfer"}','2026-11-27T03:53:30.809840964Z',NULL);
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    records     INTEGER,
    rejected    INTEGER,
    requests    INTEGER,
    error       TEXT
) STRICT;
INSERT INTO "runs" VALUES(1,1,'2026-11-27T03:53:30.740487026Z','2026-11-27T03:53:30.762348257Z',2,0,1,NULL);
INSERT INTO "runs" VALUES(2,2,'2026-11-27T03:53:30.763015113Z','2026-11-27T03:53:30.764574968Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(3,3,'2026-11-27T03:53:30.764640997Z','2026-11-27T03:53:30.828593179Z',4,0,4,NULL);
INSERT INTO "runs" VALUES(4,4,'2026-11-27T03:53:30.776485888Z','2026-11-27T03:53:30.777643614Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(5,5,'2026-11-27T03:53:30.777698947Z','2026-11-27T03:53:30.829729417Z',1,1,3,NULL);
INSERT INTO "runs" VALUES(6,6,'2026-11-27T03:53:30.783978300Z','2026-11-27T03:53:30.823404363Z',1,0,2,NULL);
INSERT INTO "runs" VALUES(7,1,'2026-11-27T03:53:31.044672059Z','2026-11-27T03:53:31.059192407Z',2,0,1,NULL);
INSERT INTO "runs" VALUES(8,2,'2026-11-27T03:53:31.059470206Z','2026-11-27T03:53:31.073810275Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(9,4,'2026-11-27T03:53:31.061955952Z','2026-11-27T03:53:31.063127021Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(10,5,'2026-11-27T03:53:31.063187866Z','2026-11-27T03:53:31.124668316Z',0,0,3,NULL);
INSERT INTO "runs" VALUES(11,6,'2026-11-27T03:53:31.071921186Z','2026-11-27T03:53:31.110943665Z',0,0,1,NULL);
INSERT INTO "runs" VALUES(12,3,'2026-11-27T03:53:31.073878347Z','2026-11-27T03:53:31.136899964Z',2,0,5,NULL);
CREATE TABLE streams (
    id         INTEGER PRIMARY KEY,
    install    INTEGER NOT NULL REFERENCES installs(id),
    task       TEXT NOT NULL,
    parent     TEXT,
    state      BLOB,
    revision   INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT,
    not_before TEXT,
    UNIQUE (install, task, parent)
) STRICT;
INSERT INTO "streams" VALUES(1,1,'fetch-accounts',NULL,NULL,2,NULL,NULL);
INSERT INTO "streams" VALUES(2,1,'fetch-balances','acc-1',NULL,2,NULL,NULL);
INSERT INTO "streams" VALUES(3,1,'fetch-payments','acc-1',X'7B2276223A312C226D61726B73223A5B7B2277617465726D61726B223A313737373731393630303030302C227365656E223A5B313737373731363030303030302C393834383730373833303631382C313737373731393630303030302C3136353236393737393133343534395D7D2C7B2277617465726D61726B223A313737373732333230303030302C227365656E223A5B313737373732333230303030302C3136353832393931313631393237305D7D2C7B2277617465726D61726B223A313737373838383830303030302C227365656E223A5B313737373838353230303030302C3139303133383433363238333534352C313737373838383830303030302C37393432343633343237303730385D7D5D2C226F70656E223A5B5D7D',9,'2026-11-27T03:53:31.126016525Z',NULL);
INSERT INTO "streams" VALUES(4,1,'fetch-balances','acc-2',NULL,2,NULL,NULL);
INSERT INTO "streams" VALUES(5,1,'fetch-payments','acc-2',X'7B2276223A312C226D61726B73223A5B7B227365656E223A5B5D7D2C7B227365656E223A5B5D7D2C7B2277617465726D61726B223A313737373831333230303132332C227365656E223A5B313737373830393630303132332C3139313033393932333132343938372C313737373831333230303132332C3138363337353230333034313539325D7D5D2C226F70656E223A5B5D7D',6,'2026-11-27T03:53:31.111908261Z',NULL);
INSERT INTO "streams" VALUES(6,1,'fetch-external-accounts',NULL,X'7B2276223A312C2277617465726D61726B223A313737353033303430303030302C227365656E223A5B313737353033303430303030302C33343831393733383239333031335D2C226C6567616379223A66616C73652C22696E7465726E6174696F6E616C223A2272656675736564227D',3,'2026-11-27T03:53:31.072191433Z',NULL);
CREATE UNIQUE INDEX streams_root ON streams (install, task) WHERE parent IS NULL;
CREATE INDEX account_versions_account ON account_versions (account);
CREATE INDEX balances_key ON balances (install, account, kind, asset, since_s, since_n);
CREATE INDEX quarantine_digest ON quarantine (stream, digest);
CREATE INDEX quarantine_open ON quarantine (stream, reference) WHERE resolved_at IS NULL;
CREATE INDEX runs_stream ON runs (stream);
CREATE INDEX incidents_open ON incidents (install, at) WHERE cleared_at IS NULL;
COMMIT;
