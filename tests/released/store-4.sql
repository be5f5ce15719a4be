-- A store as layout 4 wrote it, for whether a newer program reads it. An invented company; nothing in it is anybody's.
PRAGMA foreign_keys=OFF;
PRAGMA application_id = 1347245139;
PRAGMA user_version = 4;
BEGIN TRANSACTION;
CREATE TABLE installs (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
, bytes INTEGER NOT NULL DEFAULT 0, reading INTEGER NOT NULL DEFAULT 0, subject TEXT, subject_name TEXT) STRICT;
INSERT INTO installs VALUES(1,'acme',12380,19,'org-1','Atelier Morel');
INSERT INTO installs VALUES(2,'other',718,1,NULL,NULL);
INSERT INTO installs VALUES(3,'empty',100,1,NULL,NULL);
CREATE TABLE streams (
    id         INTEGER PRIMARY KEY,
    install    INTEGER NOT NULL REFERENCES installs(id),
    task       TEXT NOT NULL,
    parent     TEXT,
    state      BLOB,
    revision   INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT,
    not_before TEXT, completed_at TEXT, round INTEGER, partial INTEGER NOT NULL DEFAULT 0, nameless INTEGER NOT NULL DEFAULT 0,
    UNIQUE (install, task, parent)
) STRICT;
INSERT INTO streams VALUES(1,1,'fetch-accounts',NULL,X'6132',2,'2026-05-04T08:00:03.123456789Z',NULL,'2026-05-04T08:00:04.123456789Z',NULL,0,0);
INSERT INTO streams VALUES(2,1,'fetch-external-accounts',NULL,NULL,1,NULL,NULL,NULL,3,0,0);
INSERT INTO streams VALUES(3,1,'fetch-others',NULL,X'6f',1,'2026-05-04T08:00:05.123456789Z',NULL,NULL,4,0,0);
INSERT INTO streams VALUES(4,1,'fetch-balances','acc-1',NULL,3,NULL,NULL,NULL,5,0,0);
INSERT INTO streams VALUES(5,1,'fetch-payments','acc-1',X'7b2270616765223a337d',8,'2026-05-04T08:00:54.123456789Z',NULL,'2026-05-04T08:00:41.123456789Z',19,0,0);
INSERT INTO streams VALUES(6,1,'fetch-payments','acc-2',X'74776f',4,'2026-05-04T08:00:42.123456789Z','2026-05-04T09:00:00.123456789Z','2026-05-04T08:00:46.123456789Z',18,0,0);
INSERT INTO streams VALUES(7,2,'fetch-payments',NULL,X'78',1,'2026-05-04T08:01:00.123456789Z',NULL,NULL,1,0,0);
INSERT INTO streams VALUES(8,3,'fetch-accounts',NULL,NULL,0,NULL,NULL,NULL,1,0,0);
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
    read_at   TEXT NOT NULL, stream INTEGER REFERENCES streams(id), reading INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0, missed INTEGER NOT NULL DEFAULT 0, missed_since TEXT, gone_at TEXT, replaced_by TEXT,
    UNIQUE (install, kind, reference)
) STRICT;
INSERT INTO accounts VALUES(1,1,'account','acc-1','Compte courant','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-1","name":"Compte courant"}','2026-05-04T08:00:03.123456789Z',1,2,2,0,NULL,NULL,NULL);
INSERT INTO accounts VALUES(2,1,'account','acc-2','TVA','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-2","name":"TVA"}','2026-05-04T08:00:03.123456789Z',1,2,2,0,NULL,NULL,NULL);
INSERT INTO accounts VALUES(3,1,'account','acc-3','Old','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-3","name":"Old"}','2026-05-04T08:00:01.123456789Z',1,2,1,1,'2026-05-04T08:00:04.123456789Z','2026-05-04T08:00:04.123456789Z','acc-2');
INSERT INTO accounts VALUES(4,1,'external-account','b-1','Imprimerie Faure','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"b-1","name":"Imprimerie Faure"}','2026-05-04T08:00:05.123456789Z',2,3,3,0,NULL,NULL,NULL);
INSERT INTO accounts VALUES(5,1,'other/fetch-others','o-1',NULL,NULL,NULL,NULL,NULL,NULL,'{}','[1]','2026-05-04T08:00:05.123456789Z',3,4,4,0,NULL,NULL,NULL);
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
INSERT INTO account_versions VALUES(1,1,'Compte','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-1","name":"Compte"}','2026-05-04T08:00:03.123456789Z');
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
, label TEXT, first INTEGER NOT NULL DEFAULT 0, reading INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO balances VALUES(1,1,'acc-1','BOOKED','EUR/2','5',1777800000,0,1777800001,0,NULL,5,6);
INSERT INTO balances VALUES(2,1,'acc-1','AVAILABLE','USD/2','5',1777800000,0,1777800001,0,'card',5,6);
INSERT INTO balances VALUES(3,1,'acc-1','BOOKED','EUR/2','6',1777800002,0,1777800002,0,NULL,7,7);
INSERT INTO balances VALUES(4,1,'acc-1','AVAILABLE','USD/2','6',1777800002,0,1777800002,0,'card',7,7);
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
INSERT INTO quarantine VALUES(1,5,590159761254120577,'p-fixed','`amount` is "abc"; expected a number','{"v":1}','2026-05-04T08:00:10.123456789Z','2026-05-04T08:00:20.123456789Z');
INSERT INTO quarantine VALUES(2,5,-4277040126800707681,'p-bad','`amount` is "abc"; expected a number','{"amount":"abc"}','2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO quarantine VALUES(3,5,8762231907411876042,NULL,'`amount` is "abc"; expected a number','<html>','2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO quarantine VALUES(4,6,-4678281394306167479,'q','`amount` is "abc"; expected a number','q','2026-05-04T08:00:42.123456789Z',NULL);
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
INSERT INTO runs VALUES(1,5,'2026-05-04T08:00:50.123456789Z','2026-05-04T08:00:51.123456789Z',3,1,2,NULL);
INSERT INTO runs VALUES(2,6,'2026-05-04T08:00:50.123456789Z','2026-05-04T08:00:51.123456789Z',3,1,2,'the provider answered 500');
INSERT INTO runs VALUES(3,5,'2026-05-04T08:00:52.123456789Z',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE grants (
    install     INTEGER PRIMARY KEY REFERENCES installs(id),
    terms       TEXT,
    accepted_at TEXT NOT NULL
) STRICT;
INSERT INTO grants VALUES(1,NULL,'2026-05-04T08:00:00.123456789Z');
INSERT INTO grants VALUES(2,'{"connector":"lakeside","digests":[],"endpoints":{},"public":[],"asks":{"credentials":{},"requests":[],"headers":[],"fields":{},"imports":[]}}','2026-05-04T08:01:01.123456789Z');
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
INSERT INTO incidents VALUES(1,1,'2026-05-04T08:00:53.123456789Z','fetch-payments/acc-1','sha256:aa','secret','','','',1,'what the connector produced: a secret is in the state',NULL);
CREATE TABLE IF NOT EXISTS "payments" (
    id           INTEGER PRIMARY KEY,
    install      INTEGER NOT NULL REFERENCES installs(id),
    reference    TEXT NOT NULL,
    current      INTEGER NOT NULL,
    parent       TEXT,
    created_s    INTEGER NOT NULL,
    created_n    INTEGER NOT NULL,
    precision    TEXT NOT NULL,
    type         TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    asset        TEXT NOT NULL,
    fees         TEXT NOT NULL,
    counter      TEXT,
    source       TEXT,
    destination  TEXT,
    counterparty TEXT,
    metadata     TEXT NOT NULL,
    stream       INTEGER REFERENCES streams(id),
    reading      INTEGER NOT NULL,
    ended        INTEGER NOT NULL,
    changed_at   TEXT NOT NULL,
    replaced_by  TEXT,
    UNIQUE (install, reference)
) STRICT;
INSERT INTO payments VALUES(1,1,'p-new',1,NULL,1777795005,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-new"}',5,19,19,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(2,1,'p-full',1,'p-new',1777795006,0,'DAY','PAYOUT','SEPA_CREDIT','EUR/2','[{"amount":"12","asset":"EUR/2"},{"amount":"-1","asset":"USD/2"}]','{"amount":"140000","asset":"USD/2"}','acc-1','b-1','{"name":"Zoë & Fils","accountReference":"b-1","accountNumber":"FR7699999000010000000000309","accountNumberFormat":"IBAN","bankIdentifier":null,"bankIdentifierFormat":null}','{"bank.lakeside.spec/label":"Order p-full"}',5,8,8,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(3,1,'p-odd ''é🏦',1,NULL,9223372036854775807,5,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"k":"1","k":"2"}',5,8,8,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(4,1,'p-ancient',1,NULL,1777795009,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-ancient"}',5,8,8,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(5,1,'p-settles',4,NULL,1777795009,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-settles"}',5,10,10,'2026-05-04T08:00:20.123456789Z',NULL);
INSERT INTO payments VALUES(6,1,'p-late',2,NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-late"}',5,10,10,'2026-05-04T08:00:20.123456789Z',NULL);
INSERT INTO payments VALUES(7,1,'p-gone',2,NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-gone"}',5,11,8,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(8,1,'p-replaced',3,NULL,1777795010,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-replaced"}',5,13,8,'2026-05-04T08:00:10.123456789Z','p-full');
INSERT INTO payments VALUES(9,1,'p-back',3,NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-back"}',5,14,14,'2026-05-04T08:00:40.123456789Z',NULL);
INSERT INTO payments VALUES(10,1,'p-remapped',1,NULL,1777795010,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-remapped","bank.lakeside.spec/note":"read better"}',5,10,10,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(11,1,'p-moves',2,NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-moves"}',6,15,15,'2026-05-04T08:00:42.123456789Z',NULL);
INSERT INTO payments VALUES(12,1,'p-raced',3,NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-raced"}',5,10,10,'2026-05-04T08:00:21.123456789Z',NULL);
INSERT INTO payments VALUES(13,1,'p-twice',2,NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-twice"}',5,11,8,'2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO payments VALUES(14,1,'p-fixed',1,NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-fixed"}',5,10,10,'2026-05-04T08:00:20.123456789Z',NULL);
INSERT INTO payments VALUES(15,1,'h-10',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-10"}',6,18,18,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(16,1,'h-11',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-11"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(17,1,'h-12',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-12"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(18,1,'h-13',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-13"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(19,1,'h-14',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-14"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(20,1,'h-15',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-15"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(21,1,'h-16',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-16"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(22,1,'h-17',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-17"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(23,1,'h-18',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-18"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(24,1,'h-19',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-19"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(25,1,'h-20',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-20"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(26,1,'h-21',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-21"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(27,1,'h-22',1,NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-22"}',6,16,16,'2026-05-04T08:00:43.123456789Z',NULL);
INSERT INTO payments VALUES(28,2,'p-new',1,NULL,1777795005,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-new"}',7,1,1,'2026-05-04T08:01:00.123456789Z',NULL);
INSERT INTO payments VALUES(29,2,'p-full',1,'p-new',1777795006,0,'DAY','PAYOUT','SEPA_CREDIT','EUR/2','[{"amount":"12","asset":"EUR/2"},{"amount":"-1","asset":"USD/2"}]','{"amount":"140000","asset":"USD/2"}','acc-1','b-1','{"name":"Zoë & Fils","accountReference":"b-1","accountNumber":"FR7699999000010000000000309","accountNumberFormat":"IBAN","bankIdentifier":null,"bankIdentifierFormat":null}','{"bank.lakeside.spec/label":"Order p-full"}',7,1,1,'2026-05-04T08:01:00.123456789Z',NULL);
CREATE TABLE IF NOT EXISTS "adjustments" (
    id          INTEGER PRIMARY KEY,
    payment     INTEGER NOT NULL REFERENCES payments(id),
    seq         INTEGER NOT NULL,
    reading     INTEGER NOT NULL,
    updated_s   INTEGER,
    updated_n   INTEGER,
    withdrawn_s INTEGER,
    withdrawn_n INTEGER,
    status      TEXT NOT NULL,
    amount      TEXT NOT NULL,
    raw         TEXT NOT NULL,
    UNIQUE (payment, seq)
) STRICT;
INSERT INTO adjustments VALUES(1,1,1,8,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"p-new","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(2,2,1,8,1777800010,0,NULL,NULL,'AUTHORISATION','129900','{ "z" : 1.10E+02, "a": -0.0, "u": "é 🏦" }');
INSERT INTO adjustments VALUES(3,3,1,8,NULL,NULL,NULL,NULL,'OTHER','129900','no JSON');
INSERT INTO adjustments VALUES(4,4,1,8,-9223372036854775808,999999999,NULL,NULL,'UNKNOWN','129900','{"id":"p-ancient","amount":1299.00,"state":"Unknown","updated":0}');
INSERT INTO adjustments VALUES(5,5,1,8,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"p-settles","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(6,6,1,8,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"p-late","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(7,7,1,8,1777800002,0,NULL,NULL,'PENDING','129900','{"id":"p-gone","amount":1299.00,"state":"Pending","updated":2}');
INSERT INTO adjustments VALUES(8,8,1,8,1777800003,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-replaced","amount":1299.00,"state":"Succeeded","updated":3}');
INSERT INTO adjustments VALUES(9,9,1,8,1777800003,0,NULL,NULL,'PENDING','129900','{"id":"p-back","amount":1299.00,"state":"Pending","updated":3}');
INSERT INTO adjustments VALUES(10,10,1,8,1777800004,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-remapped","amount":1299.00,"state":"Succeeded","updated":4}');
INSERT INTO adjustments VALUES(11,11,1,8,1777800004,0,NULL,NULL,'PENDING','129900','{"id":"p-moves","amount":1299.00,"state":"Pending","updated":4}');
INSERT INTO adjustments VALUES(12,12,1,8,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"p-raced","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(13,13,1,8,1777800004,0,NULL,NULL,'CANCELLED','129900','{"id":"p-twice","amount":1299.00,"state":"Cancelled","updated":4}');
INSERT INTO adjustments VALUES(14,5,2,10,1777800019,0,NULL,NULL,'FAILED','129900','{"id":"p-settles","amount":1299.00,"state":"Failed","updated":19}');
INSERT INTO adjustments VALUES(15,5,3,10,1777800018,0,NULL,NULL,'PENDING','129900','{"id":"p-settles","amount":1299.00,"state":"Pending","updated":18}');
INSERT INTO adjustments VALUES(16,5,4,10,1777800020,0,NULL,NULL,'SUCCEEDED','129800','{"id":"p-settles","amount":1299.00,"state":"Succeeded","updated":20}');
INSERT INTO adjustments VALUES(17,14,1,10,1777800020,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-fixed","amount":1299.00,"state":"Succeeded","updated":20}');
INSERT INTO adjustments VALUES(18,6,2,10,1777800030,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-late","amount":1299.00,"state":"Succeeded","updated":30}');
INSERT INTO adjustments VALUES(19,12,2,10,1777800060,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-raced","amount":1299.00,"state":"Succeeded","updated":60}');
INSERT INTO adjustments VALUES(20,6,3,9,1777800025,0,NULL,NULL,'FAILED','129900','{"id":"p-late","amount":1299.00,"state":"Failed","updated":25}');
INSERT INTO adjustments VALUES(21,12,3,9,1777800070,0,NULL,NULL,'FAILED','129900','{"id":"p-raced","amount":1299.00,"state":"Failed","updated":70}');
INSERT INTO adjustments VALUES(22,12,4,9,1777800050,0,NULL,NULL,'PENDING','129900','{"id":"p-raced","amount":1299.00,"state":"Pending","updated":50}');
INSERT INTO adjustments VALUES(23,7,2,11,1777800002,0,1777881632,123456789,'CANCELLED','129900','{"id":"p-gone","amount":1299.00,"state":"Pending","updated":2}');
INSERT INTO adjustments VALUES(24,9,2,11,1777800003,0,1777881632,123456789,'CANCELLED','129900','{"id":"p-back","amount":1299.00,"state":"Pending","updated":3}');
INSERT INTO adjustments VALUES(25,13,2,11,1777800004,0,1777881632,123456789,'CANCELLED','129900','{"id":"p-twice","amount":1299.00,"state":"Cancelled","updated":4}');
INSERT INTO adjustments VALUES(26,8,2,12,1777800003,0,1777881632,123456789,'CANCELLED','129900','{"id":"p-replaced","amount":1299.00,"state":"Succeeded","updated":3}');
INSERT INTO adjustments VALUES(27,8,3,13,1777800003,0,1777881634,123456789,'CANCELLED','129900','{"id":"p-replaced","amount":1299.00,"state":"Succeeded","updated":3}');
INSERT INTO adjustments VALUES(28,9,3,14,1777800040,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-back","amount":1299.00,"state":"Succeeded","updated":40}');
INSERT INTO adjustments VALUES(29,11,2,15,1777800005,0,NULL,NULL,'SUCCEEDED','129900','{"id":"p-moves","amount":1299.00,"state":"Succeeded","updated":5}');
INSERT INTO adjustments VALUES(30,15,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-10","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(31,16,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-11","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(32,17,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-12","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(33,18,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-13","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(34,19,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-14","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(35,20,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-15","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(36,21,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-16","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(37,22,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-17","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(38,23,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-18","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(39,24,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-19","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(40,25,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-20","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(41,26,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-21","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(42,27,1,16,1777800001,0,NULL,NULL,'PENDING','129900','{"id":"h-22","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO adjustments VALUES(43,28,1,1,1777800009,0,NULL,NULL,'FAILED','129900','{"id":"p-new","amount":1299.00,"state":"Failed","updated":9}');
INSERT INTO adjustments VALUES(44,29,1,1,1777800010,0,NULL,NULL,'AUTHORISATION','129900','{ "z" : 1.10E+02, "a": -0.0, "u": "é 🏦" }');
CREATE TABLE departures (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams(id),
    kind        TEXT NOT NULL,
    reference   TEXT NOT NULL,
    replaced_by TEXT,
    reading     INTEGER NOT NULL,
    at          TEXT NOT NULL,
    -- The provider was asked for this very record, and said that there is none.
    asked       INTEGER NOT NULL,
    UNIQUE (stream, kind, reference)
) STRICT;
INSERT INTO departures VALUES(1,6,'payment','h-10',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(2,6,'payment','h-11',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(3,6,'payment','h-12',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(4,6,'payment','h-13',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(5,6,'payment','h-14',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(6,6,'payment','h-15',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(7,6,'payment','h-16',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(8,6,'payment','h-17',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(9,6,'payment','h-18',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(10,6,'payment','h-19',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(11,6,'payment','h-20',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO departures VALUES(12,6,'payment','h-21',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
CREATE TABLE gaps (
    id         INTEGER PRIMARY KEY,
    stream     INTEGER NOT NULL REFERENCES streams(id),
    what       TEXT NOT NULL,
    error      TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    UNIQUE (stream, what)
) STRICT;
INSERT INTO gaps VALUES(1,5,'2019','403 again','2026-05-04T08:00:48.123456789Z','2026-05-04T08:00:49.123456789Z');
INSERT INTO gaps VALUES(2,5,'cards','402','2026-05-04T08:00:49.123456789Z','2026-05-04T08:00:49.123456789Z');
CREATE UNIQUE INDEX streams_root ON streams (install, task) WHERE parent IS NULL;
CREATE INDEX account_versions_account ON account_versions (account);
CREATE INDEX quarantine_digest ON quarantine (stream, digest);
CREATE INDEX quarantine_open ON quarantine (stream, reference) WHERE resolved_at IS NULL;
CREATE INDEX runs_stream ON runs (stream);
CREATE INDEX incidents_open ON incidents (install, at) WHERE cleared_at IS NULL;
CREATE INDEX accounts_stream ON accounts (stream);
CREATE INDEX balances_key ON balances (install, account, kind, label, asset, first);
CREATE INDEX payments_stream ON payments (stream, reading);
COMMIT;
