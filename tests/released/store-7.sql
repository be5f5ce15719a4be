-- A store as layout 7 wrote it, for whether a newer program reads it: that of layout 6, served, with a pool, a note, a removal and events.
-- An invented company; nothing in it is anybody's.
PRAGMA foreign_keys=OFF;
PRAGMA application_id = 1347245139;
PRAGMA user_version = 7;
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
INSERT INTO "account_versions" VALUES(1,1,'Compte','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-1","name":"Compte"}','2026-05-04T08:00:03.123456789Z');
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
    read_at   TEXT NOT NULL, stream INTEGER REFERENCES streams(id), reading INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0, missed INTEGER NOT NULL DEFAULT 0, missed_since TEXT, gone_at TEXT, replaced_by TEXT, first_seen TEXT,
    UNIQUE (install, kind, reference)
) STRICT;
INSERT INTO "accounts" VALUES(1,1,'account','acc-1','Compte courant','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-1","name":"Compte courant"}','2026-05-04T08:00:03.123456789Z',1,2,2,0,NULL,NULL,NULL,'2026-05-04T08:00:03.123456789Z');
INSERT INTO "accounts" VALUES(2,1,'account','acc-2','TVA','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-2","name":"TVA"}','2026-05-04T08:00:03.123456789Z',1,2,2,0,NULL,NULL,NULL,'2026-05-04T08:00:03.123456789Z');
INSERT INTO "accounts" VALUES(3,1,'account','acc-3','Old','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"acc-3","name":"Old"}','2026-05-04T08:00:01.123456789Z',1,2,1,1,'2026-05-04T08:00:04.123456789Z','2026-05-04T08:00:04.123456789Z','acc-2','2026-05-04T08:00:01.123456789Z');
INSERT INTO "accounts" VALUES(4,1,'external-account','b-1','Imprimerie Faure','EUR/2',1777791000,0,NULL,NULL,'{"bank.lakeside.spec/b":"2","a":""}','{"id":"b-1","name":"Imprimerie Faure"}','2026-05-04T08:00:05.123456789Z',2,3,3,0,NULL,NULL,NULL,'2026-05-04T08:00:05.123456789Z');
INSERT INTO "accounts" VALUES(5,1,'other/fetch-others','o-1',NULL,NULL,NULL,NULL,NULL,NULL,'{}','[1]','2026-05-04T08:00:05.123456789Z',3,4,4,0,NULL,NULL,NULL,'2026-05-04T08:00:05.123456789Z');
INSERT INTO "accounts" VALUES(6,4,'account','87231042-860d-4d98-9aaa-d148952d956e','Principal','EUR/2',NULL,NULL,1788249600,0,'{"com.qonto.spec/bic":"FICTFRP1XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7600000000010000000000179","com.qonto.spec/is_external_account":"false","com.qonto.spec/main":"true","com.qonto.spec/organization_slug":"catalogue-1","com.qonto.spec/status":"active","std/bic":"FICTFRP1XXX","std/iban":"FR7600000000010000000000179","std/status":"active"}','{"id":"87231042-860d-4d98-9aaa-d148952d956e","slug":"catalogue-1-bank-account-1","iban":"FR7600000000010000000000179","bic":"FICTFRP1XXX","currency":"EUR","balance":92323792361094776.53,"balance_cents":9232379236109477653,"authorized_balance":92323792361094751.53,"authorized_balance_cents":9232379236109475153,"name":"Principal","updated_at":"2026-09-01T08:00:00.000Z","status":"active","main":true,"is_external_account":false,"account_number":null}','2026-10-07T18:00:00.000000000Z',9,1,1,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(7,4,'account','e4d1886a-f6c2-4cb5-bc32-8280f1184229','Fermé','EUR/2',NULL,NULL,1788249600,0,'{"com.qonto.spec/bic":"FICTFRP1XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7600000000010000000000276","com.qonto.spec/is_external_account":"false","com.qonto.spec/main":"false","com.qonto.spec/organization_slug":"catalogue-1","com.qonto.spec/status":"closed","std/bic":"FICTFRP1XXX","std/iban":"FR7600000000010000000000276","std/status":"closed"}','{"id":"e4d1886a-f6c2-4cb5-bc32-8280f1184229","slug":"catalogue-1-bank-account-2","iban":"FR7600000000010000000000276","bic":"FICTFRP1XXX","currency":"EUR","balance":42,"balance_cents":4200,"authorized_balance":42,"authorized_balance_cents":4200,"name":"Fermé","updated_at":"2026-09-01T08:00:00.000Z","status":"closed","main":false,"is_external_account":false,"account_number":null}','2026-10-07T18:00:00.000000000Z',9,1,1,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(8,4,'account','017af6b7-c9a7-4408-958e-009e31061a90','Masqué 1','EUR/2',NULL,NULL,1788249600,0,'{"com.qonto.spec/bic":"FICTFRP1XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR76*******************0001","com.qonto.spec/is_external_account":"false","com.qonto.spec/main":"false","com.qonto.spec/organization_slug":"catalogue-1","com.qonto.spec/status":"active","std/bic":"FICTFRP1XXX","std/iban":"FR76*******************0001","std/status":"active"}','{"id":"017af6b7-c9a7-4408-958e-009e31061a90","slug":"catalogue-1-bank-account-4","iban":"FR76*******************0001","bic":"FICTFRP1XXX","currency":"EUR","balance":0,"balance_cents":0,"authorized_balance":0,"authorized_balance_cents":0,"name":"Masqué 1","updated_at":"2026-09-01T08:00:00.000Z","status":"active","main":false,"is_external_account":false,"account_number":null}','2026-10-07T18:00:00.000000000Z',9,1,1,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(9,4,'account','72cc6e64-3ecd-4071-8246-63872ec31ceb','Masqué 2','EUR/2',NULL,NULL,1788249600,0,'{"com.qonto.spec/bic":"FICTFRP1XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR76*******************0001","com.qonto.spec/is_external_account":"false","com.qonto.spec/main":"false","com.qonto.spec/organization_slug":"catalogue-1","com.qonto.spec/status":"active","std/bic":"FICTFRP1XXX","std/iban":"FR76*******************0001","std/status":"active"}','{"id":"72cc6e64-3ecd-4071-8246-63872ec31ceb","slug":"catalogue-1-bank-account-5","iban":"FR76*******************0001","bic":"FICTFRP1XXX","currency":"EUR","balance":0,"balance_cents":0,"authorized_balance":0,"authorized_balance_cents":0,"name":"Masqué 2","updated_at":"2026-09-01T08:00:00.000Z","status":"active","main":false,"is_external_account":false}','2026-10-07T18:00:00.000000000Z',9,1,1,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(10,4,'external-account','bea4753f-7ea1-44de-8141-4ed2f6a03534','Sans IBAN','EUR/2',1788250080,0,1788250080,0,'{"com.qonto.spec/beneficiary_id":"bea4753f-7ea1-44de-8141-4ed2f6a03534","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/status":"validated"}','{"id":"bea4753f-7ea1-44de-8141-4ed2f6a03534","name":"Sans IBAN","iban":null,"bic":"FICTFRP2XXX","status":"validated","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:08:00.000Z","updated_at":"2026-09-01T08:08:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(11,4,'external-account','d749d51a-1f5c-4e34-80fb-2635c1a3000d','Statut inconnu','EUR/2',1788250020,0,1788250020,0,'{"com.qonto.spec/beneficiary_id":"d749d51a-1f5c-4e34-80fb-2635c1a3000d","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000017000000001026","com.qonto.spec/status":"frozen","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/iban":"FR7699999000017000000001026","std/status":"frozen"}','{"id":"d749d51a-1f5c-4e34-80fb-2635c1a3000d","name":"Statut inconnu","iban":"FR7699999000017000000001026","bic":"FICTFRP2XXX","status":"frozen","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:07:00.000Z","updated_at":"2026-09-01T08:07:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(12,4,'external-account','8f635568-3ba8-4559-808d-20bfdc5bedb9','Allemand','EUR/2',1788249960,0,1788249960,0,'{"com.qonto.spec/beneficiary_id":"8f635568-3ba8-4559-808d-20bfdc5bedb9","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"DE85999999990001234567","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/iban":"DE85999999990001234567","std/status":"validated"}','{"id":"8f635568-3ba8-4559-808d-20bfdc5bedb9","name":"Allemand","iban":"DE85999999990001234567","bic":"FICTFRP2XXX","status":"validated","trusted":true,"email":"compta@exemple.invalid","activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:06:00.000Z","updated_at":"2026-09-01T08:06:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(13,4,'external-account','2d729450-f0c1-467d-bd6e-6deed51fc7d2','Masqué','EUR/2',1788249900,0,1788249900,0,'{"com.qonto.spec/beneficiary_id":"2d729450-f0c1-467d-bd6e-6deed51fc7d2","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR76*******************0007","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"true","std/iban":"FR76*******************0007","std/status":"validated"}','{"id":"2d729450-f0c1-467d-bd6e-6deed51fc7d2","name":"Masqué","iban":"FR76*******************0007","bic":null,"status":"validated","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:05:00.000Z","updated_at":"2026-09-01T08:05:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(14,4,'external-account','a0a48c4f-cd38-4723-8ede-2c112141c703','Refusé','EUR/2',1788249840,0,1788249840,0,'{"com.qonto.spec/beneficiary_id":"a0a48c4f-cd38-4723-8ede-2c112141c703","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000017000000000929","com.qonto.spec/status":"declined","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/iban":"FR7699999000017000000000929","std/status":"declined"}','{"id":"a0a48c4f-cd38-4723-8ede-2c112141c703","name":"Refusé","iban":"FR7699999000017000000000929","bic":"FICTFRP2XXX","status":"declined","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:04:00.000Z","updated_at":"2026-09-01T08:04:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(15,4,'external-account','a462a908-167a-4ae7-9703-ed5681d85e73','En attente','EUR/2',1788249780,0,1788249780,0,'{"com.qonto.spec/beneficiary_id":"a462a908-167a-4ae7-9703-ed5681d85e73","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000017000000000832","com.qonto.spec/status":"pending","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/iban":"FR7699999000017000000000832","std/status":"pending"}','{"id":"a462a908-167a-4ae7-9703-ed5681d85e73","name":"En attente","iban":"FR7699999000017000000000832","bic":"FICTFRP2XXX","status":"pending","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:03:00.000Z","updated_at":"2026-09-01T08:03:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(16,4,'external-account','574abceb-84fa-488e-9450-2d8456d6f2c9','Le même IBAN','EUR/2',1788249720,0,1788249720,0,'{"com.qonto.spec/beneficiary_id":"574abceb-84fa-488e-9450-2d8456d6f2c9","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000017000000000735","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"false","std/bic":"FICTFRP2XXX","std/iban":"FR7699999000017000000000735","std/status":"validated"}','{"id":"574abceb-84fa-488e-9450-2d8456d6f2c9","name":"Le même IBAN","iban":"FR7699999000017000000000735","bic":"FICTFRP2XXX","status":"validated","trusted":false,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:02:00.000Z","updated_at":"2026-09-01T08:02:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(17,4,'external-account','2a287f2e-5e4b-4aab-ae1b-e1f90873c52d','Validé','EUR/2',1788249660,0,1788249660,0,'{"com.qonto.spec/beneficiary_id":"2a287f2e-5e4b-4aab-ae1b-e1f90873c52d","com.qonto.spec/bic":"FICTFRP2XXX","com.qonto.spec/currency":"EUR","com.qonto.spec/iban":"FR7699999000017000000000735","com.qonto.spec/status":"validated","com.qonto.spec/trusted":"true","std/bic":"FICTFRP2XXX","std/iban":"FR7699999000017000000000735","std/status":"validated"}','{"id":"2a287f2e-5e4b-4aab-ae1b-e1f90873c52d","name":"Validé","iban":"FR7699999000017000000000735","bic":"FICTFRP2XXX","status":"validated","trusted":true,"email":null,"activity_tag":null,"currency":"EUR","created_at":"2026-09-01T08:01:00.000Z","updated_at":"2026-09-01T08:01:00.000Z"}','2026-10-07T18:00:00.000000000Z',18,10,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(18,4,'external-account','7219ee7f-090b-46d0-b565-9d28f26269a4','Foundry & Type Ltd','GBP/2',NULL,NULL,NULL,NULL,'{"com.qonto.spec/account_identifier":"00012345","com.qonto.spec/bank_identifier":"000000","com.qonto.spec/beneficiary_id":"7219ee7f-090b-46d0-b565-9d28f26269a4","com.qonto.spec/country":"GB","com.qonto.spec/currency":"GBP","com.qonto.spec/legal_type":"LEGAL_TYPE_COMPANY","com.qonto.spec/payment_type":"swift_code","std/country":"GB"}','{"id":"7219ee7f-090b-46d0-b565-9d28f26269a4","name":"Foundry & Type Ltd","country":"GB","currency":"GBP","payment_type":"swift_code","account_identifier":"00012345","legal_type":"LEGAL_TYPE_COMPANY","owned_by_customer":false,"bank_identifier":"000000","branch_identifier":null}','2026-10-07T18:00:00.000000000Z',19,11,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(19,4,'external-account','78dbbaee-39b4-4227-af04-81b7a4f9965a','Kumo Fonts KK','JPY/0',NULL,NULL,NULL,NULL,'{"com.qonto.spec/account_identifier":"0001234","com.qonto.spec/bank_identifier":"FICTJPJT","com.qonto.spec/beneficiary_id":"78dbbaee-39b4-4227-af04-81b7a4f9965a","com.qonto.spec/country":"JP","com.qonto.spec/currency":"JPY","com.qonto.spec/legal_type":"LEGAL_TYPE_COMPANY","com.qonto.spec/payment_type":"swift_code","std/country":"JP"}','{"id":"78dbbaee-39b4-4227-af04-81b7a4f9965a","name":"Kumo Fonts KK","country":"JP","currency":"JPY","payment_type":"swift_code","account_identifier":"0001234","legal_type":"LEGAL_TYPE_COMPANY","owned_by_customer":false,"bank_identifier":"FICTJPJT","branch_identifier":null}','2026-10-07T18:00:00.000000000Z',19,11,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
INSERT INTO "accounts" VALUES(20,4,'external-account','d84ab8de-1e7a-4027-9742-363f37342516','Harbor & Pine Studio LLC','USD/2',NULL,NULL,NULL,NULL,'{"com.qonto.spec/account_identifier":"000123456789","com.qonto.spec/beneficiary_id":"d84ab8de-1e7a-4027-9742-363f37342516","com.qonto.spec/branch_identifier":"000000000","com.qonto.spec/country":"US","com.qonto.spec/currency":"USD","com.qonto.spec/legal_type":"LEGAL_TYPE_COMPANY","com.qonto.spec/payment_type":"aba","std/country":"US"}','{"id":"d84ab8de-1e7a-4027-9742-363f37342516","name":"Harbor & Pine Studio LLC","country":"US","currency":"USD","payment_type":"aba","account_identifier":"000123456789","legal_type":"LEGAL_TYPE_COMPANY","owned_by_customer":false,"bank_identifier":null,"branch_identifier":"000000000"}','2026-10-07T18:00:00.000000000Z',19,11,11,0,NULL,NULL,NULL,'2026-10-07T18:00:00.000000000Z');
CREATE TABLE "adjustments" (
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
    raw         ANY NOT NULL,
    UNIQUE (payment, seq)
) STRICT;
INSERT INTO "adjustments" VALUES(5,5,1,8,1777800001,0,NULL,NULL,'PENDING','129900',X'41000000053D007F736574746C6573410018606564223A317D');
INSERT INTO "adjustments" VALUES(6,6,1,8,1777800001,0,NULL,NULL,'PENDING','129900',X'3E000000053D004F6C6174653E0018606564223A317D');
INSERT INTO "adjustments" VALUES(7,7,1,8,1777800002,0,NULL,NULL,'PENDING','129900',X'3E000000053D004F676F6E653E0018606564223A327D');
INSERT INTO "adjustments" VALUES(8,8,1,8,1777800003,0,NULL,NULL,'SUCCEEDED','129900',X'44000000053D008F7265706C6163656442000971537563636565642500B075706461746564223A337D');
INSERT INTO "adjustments" VALUES(9,9,1,8,1777800003,0,NULL,NULL,'PENDING','129900',X'3E000000053D004F6261636B3E0018606564223A337D');
INSERT INTO "adjustments" VALUES(11,11,1,8,1777800004,0,NULL,NULL,'PENDING','129900',X'3F000000053D005F6D6F7665733F0018606564223A347D');
INSERT INTO "adjustments" VALUES(12,12,1,8,1777800001,0,NULL,NULL,'PENDING','129900',X'3F000000053D005F72616365643F0018606564223A317D');
INSERT INTO "adjustments" VALUES(13,13,1,8,1777800004,0,NULL,NULL,'CANCELLED','129900',X'41000000053D005F74776963653F00099443616E63656C6C65644100606564223A347D');
INSERT INTO "adjustments" VALUES(14,5,2,10,1777800019,0,NULL,NULL,'FAILED','129900',X'41000000053D007F736574746C6573410009654661696C656440006064223A31397D');
INSERT INTO "adjustments" VALUES(15,5,3,10,1777800018,0,NULL,NULL,'PENDING','129900',X'42000000053D007F736574746C65734100196064223A31387D');
INSERT INTO "adjustments" VALUES(19,12,2,10,1777800060,0,NULL,NULL,'SUCCEEDED','129900',X'42000000053D005F72616365643F000971537563636565642500C075706461746564223A36307D');
INSERT INTO "adjustments" VALUES(20,6,3,9,1777800025,0,NULL,NULL,'FAILED','129900',X'3E000000053D004F6C6174653E0009654661696C65643D006064223A32357D');
INSERT INTO "adjustments" VALUES(22,12,4,9,1777800050,0,NULL,NULL,'PENDING','129900',X'40000000053D005F72616365643F00196064223A35307D');
INSERT INTO "adjustments" VALUES(24,9,2,11,1777800003,0,1777881632,123456789,'CANCELLED','129900',X'3E000000053D004F6261636B3E0018606564223A337D');
INSERT INTO "adjustments" VALUES(26,8,2,12,1777800003,0,1777881632,123456789,'CANCELLED','129900',X'44000000053D008F7265706C6163656442000971537563636565642500B075706461746564223A337D');
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    install TEXT,
    told    TEXT NOT NULL
) STRICT;
INSERT INTO "audit" VALUES(1,'2026-11-28T02:31:38.260773584Z','this machine','uninstall','other','');
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
INSERT INTO "balances" VALUES(1,1,'acc-1','BOOKED','EUR/2','5',1777800000,0,1777800001,0,NULL,5,6);
INSERT INTO "balances" VALUES(2,1,'acc-1','AVAILABLE','USD/2','5',1777800000,0,1777800001,0,'card',5,6);
INSERT INTO "balances" VALUES(3,1,'acc-1','BOOKED','EUR/2','6',1777800002,0,1777800002,0,NULL,7,7);
INSERT INTO "balances" VALUES(4,1,'acc-1','AVAILABLE','USD/2','6',1777800002,0,1777800002,0,'card',7,7);
INSERT INTO "balances" VALUES(5,4,'017af6b7-c9a7-4408-958e-009e31061a90','BOOKED','EUR/2','0',1791396000,0,1791396000,0,NULL,2,2);
INSERT INTO "balances" VALUES(6,4,'017af6b7-c9a7-4408-958e-009e31061a90','AVAILABLE','EUR/2','0',1791396000,0,1791396000,0,NULL,2,2);
INSERT INTO "balances" VALUES(7,4,'72cc6e64-3ecd-4071-8246-63872ec31ceb','BOOKED','EUR/2','0',1791396000,0,1791396000,0,NULL,4,4);
INSERT INTO "balances" VALUES(8,4,'72cc6e64-3ecd-4071-8246-63872ec31ceb','AVAILABLE','EUR/2','0',1791396000,0,1791396000,0,NULL,4,4);
INSERT INTO "balances" VALUES(9,4,'87231042-860d-4d98-9aaa-d148952d956e','BOOKED','EUR/2','9232379236109477653',1791396000,0,1791396000,0,NULL,6,6);
INSERT INTO "balances" VALUES(10,4,'87231042-860d-4d98-9aaa-d148952d956e','AVAILABLE','EUR/2','9232379236109475153',1791396000,0,1791396000,0,NULL,6,6);
INSERT INTO "balances" VALUES(11,4,'e4d1886a-f6c2-4cb5-bc32-8280f1184229','BOOKED','EUR/2','4200',1791396000,0,1791396000,0,NULL,8,8);
INSERT INTO "balances" VALUES(12,4,'e4d1886a-f6c2-4cb5-bc32-8280f1184229','AVAILABLE','EUR/2','4200',1791396000,0,1791396000,0,NULL,8,8);
CREATE TABLE change_log (
    seq     INTEGER PRIMARY KEY,
    install INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    record  INTEGER NOT NULL,
    is_gone INTEGER NOT NULL,
    mark    INTEGER NOT NULL DEFAULT (random() & 0xffffffff)
, version INTEGER NOT NULL DEFAULT 1) STRICT;
INSERT INTO "change_log" VALUES(1,1,'account',1,0,615147953,1);
INSERT INTO "change_log" VALUES(2,1,'account',2,0,3764657780,1);
INSERT INTO "change_log" VALUES(3,1,'account',3,1,3366976148,1);
INSERT INTO "change_log" VALUES(4,1,'external-account',4,0,3132914648,1);
INSERT INTO "change_log" VALUES(5,1,'other/fetch-others',5,0,3955231866,1);
INSERT INTO "change_log" VALUES(6,1,'balance',1,0,1836676409,1);
INSERT INTO "change_log" VALUES(7,1,'balance',2,0,2396278315,1);
INSERT INTO "change_log" VALUES(8,1,'balance',3,0,1048952167,1);
INSERT INTO "change_log" VALUES(9,1,'balance',4,0,2940245415,1);
INSERT INTO "change_log" VALUES(10,1,'payment',1,0,2350038184,1);
INSERT INTO "change_log" VALUES(11,1,'payment',2,0,2312244238,1);
INSERT INTO "change_log" VALUES(12,1,'payment',3,0,2088649602,1);
INSERT INTO "change_log" VALUES(13,1,'payment',4,0,1868078286,1);
INSERT INTO "change_log" VALUES(14,1,'payment',5,0,2306521209,4);
INSERT INTO "change_log" VALUES(15,1,'payment',6,0,3786673398,2);
INSERT INTO "change_log" VALUES(16,1,'payment',7,1,1698379354,2);
INSERT INTO "change_log" VALUES(17,1,'payment',8,1,2474522089,3);
INSERT INTO "change_log" VALUES(18,1,'payment',9,0,58152477,3);
INSERT INTO "change_log" VALUES(19,1,'payment',10,0,2984192301,1);
INSERT INTO "change_log" VALUES(20,1,'payment',11,0,596385753,2);
INSERT INTO "change_log" VALUES(21,1,'payment',12,0,627340835,3);
INSERT INTO "change_log" VALUES(22,1,'payment',13,1,1242128106,2);
INSERT INTO "change_log" VALUES(23,1,'payment',14,0,453803565,1);
INSERT INTO "change_log" VALUES(24,1,'payment',15,0,1795158351,1);
INSERT INTO "change_log" VALUES(25,1,'payment',16,0,3611623490,1);
INSERT INTO "change_log" VALUES(26,1,'payment',17,0,1998621702,1);
INSERT INTO "change_log" VALUES(27,1,'payment',18,0,766863284,1);
INSERT INTO "change_log" VALUES(28,1,'payment',19,0,420773944,1);
INSERT INTO "change_log" VALUES(29,1,'payment',20,0,633956551,1);
INSERT INTO "change_log" VALUES(30,1,'payment',21,0,484341866,1);
INSERT INTO "change_log" VALUES(31,1,'payment',22,0,359434378,1);
INSERT INTO "change_log" VALUES(32,1,'payment',23,0,314128623,1);
INSERT INTO "change_log" VALUES(33,1,'payment',24,0,2808201102,1);
INSERT INTO "change_log" VALUES(34,1,'payment',25,0,3506979052,1);
INSERT INTO "change_log" VALUES(35,1,'payment',26,0,2073551050,1);
INSERT INTO "change_log" VALUES(36,1,'payment',27,0,889998930,1);
INSERT INTO "change_log" VALUES(39,4,'account',6,0,1979199574,1);
INSERT INTO "change_log" VALUES(40,4,'account',7,0,1577268248,1);
INSERT INTO "change_log" VALUES(41,4,'account',8,0,1020607619,1);
INSERT INTO "change_log" VALUES(42,4,'account',9,0,671854140,1);
INSERT INTO "change_log" VALUES(43,4,'balance',5,0,1549587193,1);
INSERT INTO "change_log" VALUES(44,4,'balance',6,0,2393411484,1);
INSERT INTO "change_log" VALUES(45,4,'balance',7,0,3838042079,1);
INSERT INTO "change_log" VALUES(46,4,'balance',8,0,2022153604,1);
INSERT INTO "change_log" VALUES(47,4,'balance',9,0,3360605682,1);
INSERT INTO "change_log" VALUES(48,4,'balance',10,0,3608581564,1);
INSERT INTO "change_log" VALUES(49,4,'balance',11,0,155044962,1);
INSERT INTO "change_log" VALUES(50,4,'balance',12,0,3713971461,1);
INSERT INTO "change_log" VALUES(51,4,'external-account',10,0,2421035793,1);
INSERT INTO "change_log" VALUES(52,4,'external-account',11,0,3382828863,1);
INSERT INTO "change_log" VALUES(53,4,'external-account',12,0,2632996031,1);
INSERT INTO "change_log" VALUES(54,4,'external-account',13,0,2812199178,1);
INSERT INTO "change_log" VALUES(55,4,'external-account',14,0,1172817942,1);
INSERT INTO "change_log" VALUES(56,4,'external-account',15,0,182428417,1);
INSERT INTO "change_log" VALUES(57,4,'external-account',16,0,677247435,1);
INSERT INTO "change_log" VALUES(58,4,'external-account',17,0,3460900916,1);
INSERT INTO "change_log" VALUES(59,4,'payment',30,0,3677395414,1);
INSERT INTO "change_log" VALUES(60,4,'payment',31,0,2973629579,1);
INSERT INTO "change_log" VALUES(61,4,'payment',32,0,2183084150,1);
INSERT INTO "change_log" VALUES(62,4,'payment',33,0,338142419,1);
INSERT INTO "change_log" VALUES(63,4,'payment',34,0,1077955437,1);
INSERT INTO "change_log" VALUES(64,4,'payment',35,0,851231649,1);
INSERT INTO "change_log" VALUES(65,4,'payment',36,0,2258750925,1);
INSERT INTO "change_log" VALUES(66,4,'payment',37,0,1966072106,1);
INSERT INTO "change_log" VALUES(67,4,'payment',38,0,3510376270,1);
INSERT INTO "change_log" VALUES(68,4,'payment',39,0,536064777,1);
INSERT INTO "change_log" VALUES(69,4,'payment',40,0,2560440639,1);
INSERT INTO "change_log" VALUES(70,4,'payment',41,0,3149688365,1);
INSERT INTO "change_log" VALUES(71,4,'payment',42,0,3102642422,1);
INSERT INTO "change_log" VALUES(72,4,'payment',43,0,3611463630,1);
INSERT INTO "change_log" VALUES(73,4,'payment',44,0,1009903723,1);
INSERT INTO "change_log" VALUES(74,4,'payment',45,0,2853106074,1);
INSERT INTO "change_log" VALUES(75,4,'payment',46,0,3624311911,1);
INSERT INTO "change_log" VALUES(76,4,'payment',47,0,726427976,1);
INSERT INTO "change_log" VALUES(77,4,'payment',48,0,2535266589,1);
INSERT INTO "change_log" VALUES(78,4,'payment',49,0,1974054621,1);
INSERT INTO "change_log" VALUES(79,4,'payment',50,0,3723524840,1);
INSERT INTO "change_log" VALUES(80,4,'payment',51,0,2842867366,1);
INSERT INTO "change_log" VALUES(81,4,'payment',52,0,2891237303,1);
INSERT INTO "change_log" VALUES(82,4,'payment',53,0,2894258970,1);
INSERT INTO "change_log" VALUES(83,4,'payment',54,0,3545217927,1);
INSERT INTO "change_log" VALUES(84,4,'payment',55,0,1198251534,1);
INSERT INTO "change_log" VALUES(85,4,'payment',56,0,1773847943,1);
INSERT INTO "change_log" VALUES(86,4,'payment',57,0,3971666909,1);
INSERT INTO "change_log" VALUES(87,4,'payment',58,0,460856286,1);
INSERT INTO "change_log" VALUES(88,4,'payment',59,0,306284223,1);
INSERT INTO "change_log" VALUES(89,4,'payment',60,0,3667874847,1);
INSERT INTO "change_log" VALUES(90,4,'payment',61,0,4096798203,1);
INSERT INTO "change_log" VALUES(91,4,'payment',62,0,1170076598,1);
INSERT INTO "change_log" VALUES(92,4,'payment',63,0,1278732208,1);
INSERT INTO "change_log" VALUES(93,4,'payment',64,0,3551594196,1);
INSERT INTO "change_log" VALUES(94,4,'payment',65,0,156525163,1);
INSERT INTO "change_log" VALUES(95,4,'payment',66,0,2121670516,1);
INSERT INTO "change_log" VALUES(96,4,'payment',67,0,433755707,1);
INSERT INTO "change_log" VALUES(97,4,'payment',68,0,2382273376,1);
INSERT INTO "change_log" VALUES(98,4,'payment',69,0,1439833591,1);
INSERT INTO "change_log" VALUES(99,4,'payment',70,0,1575446874,1);
INSERT INTO "change_log" VALUES(100,4,'payment',71,0,654297868,1);
INSERT INTO "change_log" VALUES(101,4,'payment',72,0,3609605746,1);
INSERT INTO "change_log" VALUES(102,4,'payment',73,0,3470120852,1);
INSERT INTO "change_log" VALUES(103,4,'payment',74,0,3975901605,1);
INSERT INTO "change_log" VALUES(104,4,'external-account',18,0,304865878,1);
INSERT INTO "change_log" VALUES(105,4,'external-account',19,0,609275057,1);
INSERT INTO "change_log" VALUES(106,4,'external-account',20,0,619089113,1);
INSERT INTO "change_log" VALUES(107,1,'payment',3,0,208230413,1);
CREATE TABLE connectors (
    install       INTEGER PRIMARY KEY REFERENCES installs(id),
    uuid          TEXT NOT NULL UNIQUE,
    provider      TEXT NOT NULL,
    -- The component that ran it last, by its digest.
    component     TEXT,
    -- The config with its secrets, sealed; null for one that is run by other means.
    sealed        BLOB,
    period_s      INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    paused_at     TEXT,
    paused_reason TEXT,
    leaves_at     TEXT
) STRICT;
INSERT INTO "connectors" VALUES(1,'00ab52a4-6d50-4777-a0c5-788d228cecc7','qonto',NULL,NULL,0,'2026-05-04T08:00:50.123456789Z','2026-05-04T08:00:50.123456789Z',NULL,NULL,NULL);
INSERT INTO "connectors" VALUES(3,'1f43c56a-6e35-46aa-a1bf-79d96f4d2b3c','qonto',NULL,NULL,0,'1970-01-01T00:00:00.000000000Z','1970-01-01T00:00:00.000000000Z',NULL,NULL,NULL);
INSERT INTO "connectors" VALUES(4,'ce290805-fcaa-440e-ae21-20b62e15eaff','qonto',NULL,NULL,0,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',NULL,NULL,NULL);
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
INSERT INTO "departures" VALUES(1,6,'payment','h-10',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(2,6,'payment','h-11',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(3,6,'payment','h-12',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(4,6,'payment','h-13',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(5,6,'payment','h-14',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(6,6,'payment','h-15',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(7,6,'payment','h-16',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(8,6,'payment','h-17',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(9,6,'payment','h-18',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(10,6,'payment','h-19',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(11,6,'payment','h-20',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
INSERT INTO "departures" VALUES(12,6,'payment','h-21',NULL,17,'2026-05-04T08:00:45.123456789Z',0);
CREATE TABLE gaps (
    id         INTEGER PRIMARY KEY,
    stream     INTEGER NOT NULL REFERENCES streams(id),
    what       TEXT NOT NULL,
    error      TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    UNIQUE (stream, what)
) STRICT;
INSERT INTO "gaps" VALUES(1,5,'2019','403 again','2026-05-04T08:00:48.123456789Z','2026-05-04T08:00:49.123456789Z');
INSERT INTO "gaps" VALUES(2,5,'cards','402','2026-05-04T08:00:49.123456789Z','2026-05-04T08:00:49.123456789Z');
CREATE TABLE grants (
    install     INTEGER PRIMARY KEY REFERENCES installs(id),
    terms       TEXT,
    accepted_at TEXT NOT NULL
) STRICT;
INSERT INTO "grants" VALUES(1,NULL,'2026-05-04T08:00:00.123456789Z');
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
INSERT INTO "incidents" VALUES(1,1,'2026-05-04T08:00:53.123456789Z','fetch-payments/acc-1','sha256:aa','secret','','','',1,'what the connector produced: a secret is in the state',NULL);
CREATE TABLE installs (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
, bytes INTEGER NOT NULL DEFAULT 0, reading INTEGER NOT NULL DEFAULT 0, subject TEXT, subject_name TEXT, sample TEXT) STRICT;
INSERT INTO "installs" VALUES(1,'acme',12380,19,'org-1','Atelier Morel','{"id":"p-new","amount":1299.00,"state":"Pending","updated":1}');
INSERT INTO "installs" VALUES(3,'empty',100,1,NULL,NULL,NULL);
INSERT INTO "installs" VALUES(4,'fresh',97958,11,NULL,NULL,'{"id":"1fbb62e9-36be-4f07-84a2-0852d542a1a1","transaction_id":"catalogue-1-2-transaction-1","amount":42,"amount_cents":4200,"settled_balance":42,"settled_balance_cents":4200,"attachment_ids":[],"logo":null,"local_amount":42,"local_amount_cents":4200,"side":"credit","operation_type":"income","currency":"EUR","local_currency":"EUR","label":"Sur un compte fermé","clean_counterparty_name":"Sur un compte fermé","settled_at":"2026-09-01T23:00:00.000Z","emitted_at":"2026-09-01T23:00:00.000Z","created_at":"2026-09-01T23:00:00.000Z","updated_at":"2026-09-01T23:00:00.000Z","status":"completed","note":null,"reference":null,"vat_amount":null,"vat_amount_cents":null,"vat_rate":null,"initiator_id":null,"label_ids":[],"attachment_lost":false,"attachment_required":true,"card_last_digits":null,"category":"sales","cashflow_category":null,"cashflow_subcategory":null,"subject_type":"Income","bank_account_id":"e4d1886a-f6c2-4cb5-bc32-8280f1184229","is_external_transaction":false}');
CREATE TABLE payment_notes (
    payment  INTEGER PRIMARY KEY REFERENCES payments(id),
    metadata TEXT NOT NULL
) STRICT;
INSERT INTO "payment_notes" VALUES(3,'{"reviewed":"by the test"}');
CREATE TABLE "payments" (
    id             INTEGER PRIMARY KEY,
    install        INTEGER NOT NULL REFERENCES installs(id),
    reference_hash INTEGER NOT NULL,
    reference      TEXT NOT NULL,
    -- The present version, by its arrival, and as which call it was read first.
    seq            INTEGER NOT NULL,
    first          INTEGER NOT NULL,
    updated_s      INTEGER,
    updated_n      INTEGER,
    withdrawn_s    INTEGER,
    withdrawn_n    INTEGER,
    status         TEXT NOT NULL,
    amount         TEXT NOT NULL,
    -- What no version but the present one is known to say.
    parent         TEXT,
    created_s      INTEGER NOT NULL,
    created_n      INTEGER NOT NULL,
    precision      TEXT NOT NULL,
    type           TEXT NOT NULL,
    scheme         TEXT NOT NULL,
    asset          TEXT NOT NULL,
    fees           TEXT NOT NULL,
    counter        TEXT,
    source         TEXT,
    destination    TEXT,
    stream         INTEGER REFERENCES streams(id),
    -- As which call the payment was read last, in whatever version.
    reading        INTEGER NOT NULL,
    ended          INTEGER NOT NULL,
    changed_at     TEXT NOT NULL,
    replaced_by    TEXT,
    -- The long ones come last: what is read of a row is read up to where it stands.
    counterparty   TEXT,
    metadata       TEXT NOT NULL,
    raw            ANY NOT NULL
, first_type TEXT) STRICT;
INSERT INTO "payments" VALUES(1,1,-2296872253179097835,'p-new',1,8,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795005,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,19,19,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-new"}',X'3D0000000F3D0024606564223A317D',NULL);
INSERT INTO "payments" VALUES(2,1,-7683337685445399535,'p-full',1,8,1777800010,0,NULL,NULL,'AUTHORISATION','129900','p-new',1777795006,0,'DAY','PAYOUT','SEPA_CREDIT','EUR/2','[{"amount":"12","asset":"EUR/2"},{"amount":"-1","asset":"USD/2"}]','{"amount":"140000","asset":"USD/2"}','acc-1','b-1',5,8,8,'2026-05-04T08:00:10.123456789Z',NULL,'{"name":"Zoë & Fils","accountReference":"b-1","accountNumber":"FR7699999000010000000000309","accountNumberFormat":"IBAN","bankIdentifier":null,"bankIdentifierFormat":null}','{"bank.lakeside.spec/label":"Order p-full"}','{ "z" : 1.10E+02, "a": -0.0, "u": "é 🏦" }',NULL);
INSERT INTO "payments" VALUES(3,1,7093133731127129532,'p-odd ''é🏦',1,8,NULL,NULL,NULL,NULL,'OTHER','129900',NULL,9223372036854775807,5,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,8,8,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"k":"1","k":"2"}','no JSON',NULL);
INSERT INTO "payments" VALUES(4,1,-9009241563890438268,'p-ancient',1,8,-9223372036854775808,999999999,NULL,NULL,'UNKNOWN','129900',NULL,1777795009,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,8,8,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-ancient"}',X'41000000053D007F616E6369656E7441000974556E6B6E6F776E4100606564223A307D',NULL);
INSERT INTO "payments" VALUES(5,1,-2872670540406411786,'p-settles',4,10,1777800020,0,NULL,NULL,'SUCCEEDED','129800',NULL,1777795009,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,10,10,'2026-05-04T08:00:20.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-settles"}',X'44000000053D007F736574746C65734100099553756363656564656443006064223A32307D',NULL);
INSERT INTO "payments" VALUES(6,1,5347096075630772785,'p-late',2,10,1777800030,0,NULL,NULL,'SUCCEEDED','129900',NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,10,10,'2026-05-04T08:00:20.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-late"}',X'41000000053D004F6C6174653E00099553756363656564656440006064223A33307D',NULL);
INSERT INTO "payments" VALUES(7,1,4844093651552104403,'p-gone',2,11,1777800002,0,1777881632,123456789,'CANCELLED','129900',NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,11,8,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-gone"}',X'3E000000053D004F676F6E653E0018606564223A327D',NULL);
INSERT INTO "payments" VALUES(8,1,324383799582524302,'p-replaced',3,13,1777800003,0,1777881634,123456789,'CANCELLED','129900',NULL,1777795010,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,13,8,'2026-05-04T08:00:10.123456789Z','p-full',NULL,'{"bank.lakeside.spec/label":"Order p-replaced"}',X'44000000053D008F7265706C6163656442000971537563636565642500B075706461746564223A337D',NULL);
INSERT INTO "payments" VALUES(9,1,7884870615058783752,'p-back',3,14,1777800040,0,NULL,NULL,'SUCCEEDED','129900',NULL,1777795006,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,14,14,'2026-05-04T08:00:40.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-back"}',X'41000000053D004F6261636B3E00099553756363656564656440006064223A34307D',NULL);
INSERT INTO "payments" VALUES(10,1,-4199629097225249512,'p-remapped',1,8,1777800004,0,NULL,NULL,'SUCCEEDED','129900',NULL,1777795010,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,10,10,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-remapped","bank.lakeside.spec/note":"read better"}',X'44000000053D008F72656D617070656442000971537563636565642500B075706461746564223A347D',NULL);
INSERT INTO "payments" VALUES(11,1,-1623834029197189969,'p-moves',2,15,1777800005,0,NULL,NULL,'SUCCEEDED','129900',NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,15,15,'2026-05-04T08:00:42.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-moves"}',X'41000000053D005F6D6F7665733F0009945375636365656465644100606564223A357D',NULL);
INSERT INTO "payments" VALUES(12,1,-5204251293867756821,'p-raced',3,9,1777800070,0,NULL,NULL,'FAILED','129900',NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,10,10,'2026-05-04T08:00:21.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-raced"}',X'3F000000053D005F72616365643F0009414661696C2200C075706461746564223A37307D',NULL);
INSERT INTO "payments" VALUES(13,1,-3027236317192927546,'p-twice',2,11,1777800004,0,1777881632,123456789,'CANCELLED','129900',NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,11,8,'2026-05-04T08:00:10.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-twice"}',X'41000000053D005F74776963653F00099443616E63656C6C65644100606564223A347D',NULL);
INSERT INTO "payments" VALUES(14,1,7811094825393621096,'p-fixed',1,10,1777800020,0,NULL,NULL,'SUCCEEDED','129900',NULL,1777795007,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,5,10,10,'2026-05-04T08:00:20.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order p-fixed"}',X'42000000053D005F66697865643F000971537563636565642500C075706461746564223A32307D',NULL);
INSERT INTO "payments" VALUES(15,1,-3460712071753036320,'h-10',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,18,18,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-10"}',X'3C000000033D004F682D31303C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(16,1,9075061228785820053,'h-11',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-11"}',X'3C000000033D004F682D31313C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(17,1,2380614837876448157,'h-12',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-12"}',X'3C000000033D004F682D31323C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(18,1,-2696143229441146221,'h-13',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-13"}',X'3C000000033D004F682D31333C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(19,1,3659254965528535169,'h-14',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-14"}',X'3C000000033D004F682D31343C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(20,1,-1678387999288307829,'h-15',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-15"}',X'3C000000033D004F682D31353C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(21,1,1333455277037658828,'h-16',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-16"}',X'3C000000033D004F682D31363C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(22,1,7380597219232384680,'h-17',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-17"}',X'3C000000033D004F682D31373C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(23,1,-2328487616732864645,'h-18',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-18"}',X'3C000000033D004F682D31383C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(24,1,-1986776812497384851,'h-19',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-19"}',X'3C000000033D004F682D31393C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(25,1,-9097331551814139580,'h-20',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-20"}',X'3C000000033D004F682D32303C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(26,1,4962718902851322774,'h-21',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-21"}',X'3C000000033D004F682D32313C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(27,1,-3524786228893751722,'h-22',1,16,1777800001,0,NULL,NULL,'PENDING','129900',NULL,1777795004,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'acc-1',NULL,6,16,16,'2026-05-04T08:00:43.123456789Z',NULL,NULL,'{"bank.lakeside.spec/label":"Order h-22"}',X'3C000000033D004F682D32323C0018606564223A317D',NULL);
INSERT INTO "payments" VALUES(30,4,-4422803875971681225,'1fbb62e9-36be-4f07-84a2-0852d542a1a1',1,9,1788303600,0,NULL,NULL,'SUCCEEDED','4200',NULL,1788303600,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'e4d1886a-f6c2-4cb5-bc32-8280f1184229',17,9,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Sur un compte fermé","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Sur un compte fermé","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T23:00:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-2-transaction-1","std/booked-at":"2026-09-01T23:00:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Sur un compte fermé","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'CF0300000FCF03FFFFFFB96066616C73657D',NULL);
INSERT INTO "payments" VALUES(31,4,-4088729730362402527,'a065436a-8268-4921-8f40-5a99e2ab39de',1,7,1788255600,0,NULL,NULL,'PENDING','2500',NULL,1788255600,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"pending","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"pending","com.qonto.spec/operation_type":"card","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-22","std/category":"other_expense","std/label":"pending","std/scheme":"Card","std/status":"pending","std/type":"card"}',X'A503000003CF03FF1561303635343336612D383236382D343932312D386634302D356139396532616233396465CF030D27312D6000372D3232D0034A32352C22B4012032359E0304B00203BB030505010A17000AE801079D010FD20310007A000FD2030103800002D2033F646562D103034063617264CA010FCF031C7070656E64696E673A000FC2030606240004050100650302BB020F9F03054830393A344F030F9F03050C28000F9F03050C2800059F03069D000F9D03AC40223030348902068303E0226F746865725F657870656E7365A301048E0306240002860105C0030FA7030F124328020EA503FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665A503096066616C73657D',NULL);
INSERT INTO "payments" VALUES(32,4,-7048901816719266693,'6f4341d9-e4ae-45cd-af94-328f338e6cfb',1,7,1788255660,0,NULL,NULL,'FAILED','2500',NULL,1788255660,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"declined","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"declined","com.qonto.spec/operation_type":"card","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-23","std/category":"other_expense","std/label":"declined","std/scheme":"Card","std/status":"declined","std/type":"card"}',X'A803000003CF03FF1536663433343164392D653461652D343563642D616639342D333238663333386536636662CF030D27312D6000372D3233D0034A32352C22B4012032359E0304B00203BB030505010A17000AE801079D010FD20310007A000FD2030103800002D2033F646562D103034063617264CA010FCF031C716465636C696E653B000FC3030607250004070100670302BD020FA103055730393A343179030FA103050C28000FA103050C280005A103079E000FA003AC502230303432C50106A203D16F746865725F657870656E73651B000391030FAA032812432B020EA803FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665A803096066616C73657D',NULL);
INSERT INTO "payments" VALUES(33,4,5936972541360685784,'5263f3b4-6466-42ae-ab55-c9762fe7bf5f',1,7,1788249660,0,NULL,NULL,'SUCCEEDED','10001',NULL,1788249660,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Income","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Income","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T08:01:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-1","std/booked-at":"2026-09-01T08:01:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Income","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'9C04000003CF03FF1535323633663362342D363436362D343261652D616235352D633937363266653762663566CF030D27312D6000102DFE0302A70130223A3152021431100004B701563130303031B40203BF03011800012E0004CD020319000B37000FD9031B0482000FDD03010488000FDE034605C5010FD0030705230004F5000C72035730383A303172030FC203050C28000FC203050C28000FC203050C28000FC203D2DF6F746865725F657870656E7365CA034FFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665CA030E322C22696702313A7B2226040432062161630F00F0005F6E756D626572223A2246523736390100103081031037060001020030373335EC00086E060A3C00515F666F726D99024C4942414E2C0001A204826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(34,4,7724184189107270759,'f9cf0b12-4178-42a2-8b86-31f687532f1b',1,7,1788249720,0,NULL,NULL,'SUCCEEDED','10002',NULL,1788249720,0,'INSTANT','TRANSFER','INTERNAL','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"WalletToWallet","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"WalletToWallet","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T08:02:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"WalletToWallet","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-2","std/booked-at":"2026-09-01T08:02:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"WalletToWallet","std/scheme":"WalletToWallet","std/status":"completed","std/type":"income"}',X'E203000003CF03FF1566396366306231322D343137382D343261322D386238362D333166363837353332663162CF030D27312D6000272D32CF03103152020DD303563130303032B40203BF0330223A322E001D33190004EE01593230303033A4010FD903100482000FDD03010488000FDE03468257616C6C6574546F0800001A020FD80306022300072B000FD203055730383A303282030FD203050C28000FD203050C28000FD203050C28000FD203D2D06F746865725F657870656E7365C00104C1030FDA03280DEA010EE203FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665E203096066616C73657D',NULL);
INSERT INTO "payments" VALUES(35,4,-7140791391457258899,'5fdad631-860f-4682-a682-90bd32a91e7d',1,7,1788249780,0,NULL,NULL,'SUCCEEDED','10003',NULL,1788249780,0,'INSTANT','PAY-IN','INTERNAL','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"FinancingIncome","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"FinancingIncome","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T08:03:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"FinancingIncome","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-3","std/booked-at":"2026-09-01T08:03:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"FinancingIncome","std/scheme":"FinancingIncome","std/status":"completed","std/type":"income"}',X'E503000003CF03F00535666461643633312D383630662D343638322D610500CF393062643332613931653764CF030D27312D6000272D33CF03103152023A332C22B701563130303033B40203BF0330223A332E001D36190004EE01593330303036A4010FD903100482000FDD03010488000FDE03469546696E616E63696E67CE010FD903070E2C000FD403054030383A305F030484030FD403050C28000FD403050C28000FD403050C28000FD403D2DF6F746865725F657870656E7365DC03340EEB010EE5038038373233313034329803FF09642D346439382D396161612D643134383935326439353665E503096066616C73657D',NULL);
INSERT INTO "payments" VALUES(36,4,-8721476280391094859,'56232506-f01e-41e5-9c9d-61203061de75',1,7,1788249840,0,NULL,NULL,'SUCCEEDED','10004',NULL,1788249840,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Transfer","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Transfer","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T08:04:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-4","std/booked-at":"2026-09-01T08:04:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Transfer","std/scheme":"Transfer","std/status":"completed","std/type":"transfer"}',X'A504000003CF03FF1535363233323530362D663031652D343165352D396339642D363132303330363164653735CF030D27312D6000272D34CF03103152023A342C22B701563130303034B40203BF0330223A322E001D32190004EE0140323030301F0406A4010FD903100482000FDD030104880002DE033F646562DD030301DD0030666572DA010FDF031C10541801033B000FD303060725000FC703055730383A303477030FC703050C28000FC703050C28000FC703050C28000FC703D2D06F746865725F657870656E7365F50104B6030FCF032807E4010ED103FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D1030E03A403006D02313A7B222F04043B062161630F00F0005F6E756D626572223A224652373639010060303030303137060001020030373335F0000877060A3C00515F666F726D14064C4942414E2C0001DA00826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(37,4,-1071387444530154032,'af65717b-fb52-4038-b4ba-aa5469fbd81c',1,7,1788249900,0,NULL,NULL,'SUCCEEDED','10005',NULL,1788249900,0,'INSTANT','TRANSFER','INTERNAL','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"WalletToWallet","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"WalletToWallet","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T08:05:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"WalletToWallet","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-5","std/booked-at":"2026-09-01T08:05:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"WalletToWallet","std/scheme":"WalletToWallet","std/status":"completed","std/type":"transfer"}',X'E103000003CF03FF1561663635373137622D666235322D343033382D623462612D616135343639666264383163CF030D27312D6000272D35CF03103152023A352C22B701563130303035B40203BF037D223A39392E3937180004ED012039391D0007A2010FD703100480000FDB030104860002DC033F646562DB030301DB0030666572D8010FDD031C8257616C6C6574546F08000041000FD70306022300072B000FD103055730383A303581030FD103050C28000FD103050C28000FD103050C28000FD103D2D06F746865725F657870656E7365C00104C0030FD903280DEA010EE103FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665E103096066616C73657D',NULL);
INSERT INTO "payments" VALUES(38,4,1825770543200385611,'fba0496f-8a87-403c-9f48-7d718de0e36d',1,7,1788249960,0,NULL,NULL,'SUCCEEDED','10006',NULL,1788249960,0,'INSTANT','PAYOUT','OTHER','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"F24Payment","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"F24Payment","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T08:06:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"F24Payment","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-6","std/booked-at":"2026-09-01T08:06:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"F24Payment","std/scheme":"F24Payment","std/status":"completed","std/type":"transfer"}',X'D303000003CF03FF1566626130343936662D386138372D343033632D396634382D376437313864653065333664CF030D27312D6000272D36CF03103152023A362C22B701563130303036B40203BF037D223A2D302E3039180004ED01292D39A0010FD50310047E000FD9030104840002DA033F646562D9030301D90030666572D6010FDB031C904632345061796D656E59000FD103070927000FC703055730383A303677030FC703050C28000FC703050C28000FC703050C28000FC703D2D06F746865725F657870656E7365F90104B6030FCF032809E6010ED303FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D303096066616C73657D',NULL);
INSERT INTO "payments" VALUES(39,4,7524800854133621200,'12ba5642-0d5b-4a4e-9db4-eb9cc50ae41d',1,7,1788250020,0,NULL,NULL,'SUCCEEDED','10007',NULL,1788250020,0,'INSTANT','PAYOUT','OTHER','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"PagopaPayment","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"PagopaPayment","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T08:07:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"PagopaPayment","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-7","std/booked-at":"2026-09-01T08:07:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"PagopaPayment","std/scheme":"PagopaPayment","std/status":"completed","std/type":"transfer"}',X'5904000004CF03FF14326261353634322D306435622D346134652D396462342D656239636335306165343164CF030D27312D1F00272D37CF03103152023A372C22B701563130303037B40203BF0330223A2D2F002D31361A0004EF01002000001F0007A6010FDB0310005500006F000FDF0301048A0002E0033F646562DF030301DF0030666572DC010FE1031CC05061676F70615061796D656E5C000FDA03070C2A000FD303055730383A303783030FD303050C28000FD303050C28000FD303050C28000FD303D2D06F746865725F657870656E7365FF0104C2030FDB03280CE9010EE203FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665E2030E312C22707C02235F707D02203A7BD7052064691A05316669739806766F6465223A2230010000570020757614001632150000020000D507FA026E6F746963655F6E756D626572223A2233250060303031227D7D',NULL);
INSERT INTO "payments" VALUES(40,4,8583987123985107473,'6322179b-8d11-40bd-819b-276926e89c8a',1,7,1788250080,0,NULL,NULL,'SUCCEEDED','10008',NULL,1788250080,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Card","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"Card","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T08:08:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-8","std/booked-at":"2026-09-01T08:08:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Card","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'C503000003CF03FF1536333232313739622D386431312D343062642D383139622D323736393236653839633861CF030D27312D6000272D38CF03103152023A382C22B701563130303038B40203BF039D223A2D3230302E32341A0004EF01002000001F0007A6010FDB03100484000FDF0301048A0002E0033F646562DF03034063617264D8010FDD031C134337000FCD03060321000FBD03053030383A03000545030FBD03050025000828000FBD03050C28000FBD03050C28000FBD03C1502230303432D40106BF03D16F746865725F657870656E73651B0003AE030FC7032803E2010EC503FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665C503096066616C73657D',NULL);
INSERT INTO "payments" VALUES(41,4,157244607466078778,'a1d34a0a-8c87-4305-b0d5-3a8c0cce26c2',1,7,1788250140,0,NULL,NULL,'SUCCEEDED','10009',NULL,1788250140,0,'INSTANT','PAYOUT','SEPA_DEBIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"DirectDebit","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"DirectDebit","com.qonto.spec/operation_type":"direct_debit","com.qonto.spec/settled_at":"2026-09-01T08:09:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"DirectDebit","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-9","std/booked-at":"2026-09-01T08:09:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"DirectDebit","std/scheme":"DirectDebit","std/status":"completed","std/type":"direct_debit"}',X'B804000003CF03FF1561316433346130612D386338372D343330352D623064352D336138633063636532366332CF030D27312D6000272D39CF03103152023A392C22B701563130303039B40203BF039D223A2D3330302E33331A0004EF01002000001F0007A6010FDB03100484000FDF0301048A0002E0033F646562DF0303306469729B010420000FE5031D11443F0013445E000FDC03070A28000FD303055730383A303983030FD303050C28000FD303050C28000FD303050C28000FD303D2DF6F746865725F657870656E7365DB03340AE7010EE003FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665E0030E1A2CB502313A7B224204044E062161630F00F0005F6E756D626572223A224652373639010060303030303137060001020030373335F700088A060A3C00515F666F726D27064C4942414E2C0001DE00826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(42,4,2401267274986016043,'a755fea3-a34c-4e6b-8f7c-70c157c35646',1,7,1788250200,0,NULL,NULL,'SUCCEEDED','10010',NULL,1788250200,0,'INSTANT','PAY-IN','SEPA_DEBIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"DirectDebitCollection","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"DirectDebitCollection","com.qonto.spec/operation_type":"direct_debit_collection","com.qonto.spec/settled_at":"2026-09-01T08:10:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"DirectDebitCollection","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-10","std/booked-at":"2026-09-01T08:10:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"DirectDebitCollection","std/scheme":"DirectDebitCollection","std/status":"completed","std/type":"direct_debit_collection"}',X'EC04000003CF03FF1561373535666561332D613334632D346536622D386637632D373063313537633335363436CF030D27312D6000372D3130D0037A3130302E312C22B701563130303130B40203BF039D223A2D3230302E32331A0004EF01002000001F0007A6010FDB03100383000FDE03010489000FDF030D306469729B01B264656269745F636F6C6C654B010FF0031F11444A0010444900194348000FF103060F3200050FF203054830383A317A030FF203050C28000FF203050C28000FF203050C28000FF203D2DF6F746865725F657870656E7365FA03340FF101050E0904FF1538373233313034322D383630642D346439382D396161612D64313438393532643935366509040E1F2CDE0206313A7B2276040482062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733350C0108BE060A3C00515F666F726D5B064C4942414E2C0001E900826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(43,4,-2463488693934905865,'9807127c-7472-4415-a099-af5b0be46b1c',1,7,1788250260,0,NULL,NULL,'SUCCEEDED','10011',NULL,1788250260,0,'INSTANT','PAYOUT','SEPA_DEBIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"DirectDebitHold","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"DirectDebitHold","com.qonto.spec/operation_type":"direct_debit_hold","com.qonto.spec/settled_at":"2026-09-01T08:11:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"DirectDebitHold","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-11","std/booked-at":"2026-09-01T08:11:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"DirectDebitHold","std/scheme":"DirectDebitHold","std/status":"completed","std/type":"direct_debit_hold"}',X'1F04000003CF03FF1539383037313237632D373437322D343431352D613039392D616635623062653436623163CF030D27312D6000202D31FF0302A80184223A3130302E3131100004B80130313030150004B50203C0039D223A2D3330302E33341A00043800002000001F0007A7010FDC03100484000FE00301048A0002E1033F646562E00303306469729C01012000505F686F6C64E6010FEB031C1144440010446300134842000FE603060E2C00042C010C91035730383A313191030FE103050C28000FE103050C28000FE103050C28000FE103D2D06F746865725F657870656E7365030204D0030FE903280EEB010EF203FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665F2030E1F2CC60200B33A7B226775617264696E674305802231302E30227D7D',NULL);
INSERT INTO "payments" VALUES(44,4,-1761332386525123911,'582d51b1-6ebb-4a0d-ab55-fa2636e10aad',1,7,1788250320,0,NULL,NULL,'SUCCEEDED','10012',NULL,1788250320,0,'INSTANT','PAYOUT','INTERNAL','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"BillingTransfer","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"BillingTransfer","com.qonto.spec/operation_type":"qonto_fee","com.qonto.spec/settled_at":"2026-09-01T08:12:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"BillingTransfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-12","std/booked-at":"2026-09-01T08:12:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"BillingTransfer","std/scheme":"BillingTransfer","std/status":"completed","std/type":"qonto_fee"}',X'EA03000003CF03FF1535383264353162312D366562622D346130642D616235352D666132363336653130616164CF030D27312D6000372D3132D0035D3130302E31D40330313030150004B50203C0039D223A2D3430302E34361A0004F001002000001F0007A7010FDC03100484000FE00301048A0002E1033F646562E0030390716F6E746F5F666565DE010FE3031C8042696C6C696E675423013066657242000FDE03060E2C000424010C89035730383A313289030FD903050C28000FD903050C28000FD903050C28000FD903D2C16F746865725F657870656E73030204C8030FE103280EEB010EEA03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665EA03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(45,4,-7879276485385693506,'7040188d-7233-4850-896c-5e783384ac4d',1,7,1788250380,0,NULL,NULL,'SUCCEEDED','10013',NULL,1788250380,0,'INSTANT','PAY-IN','CHEQUE','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Check","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Check","com.qonto.spec/operation_type":"cheque","com.qonto.spec/settled_at":"2026-09-01T08:13:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Check","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-13","std/booked-at":"2026-09-01T08:13:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Check","std/scheme":"Check","std/status":"completed","std/type":"cheque"}',X'FE03000003CF03FF1537303430313838642D373233332D343835302D383936632D356537383333383461633464CF030D27312D6000372D3133D0038A3130302E31332C22B80130313030150004B50203C0038E223A2D3330302E331A0004F001002000001F0007A7010FDC03100484000FE00301048A000FE1030D60636865717565DC010FE1031C50436865636B38000FD20306042200040E010C73034030383A314E030473030FC303050C28000FC303050C28000FC303050C28000FC303D2C16F746865725F657870656E73EF0104B2030FCB032804E1010ECA03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665CA030E312C22636402223A7B0900305F6B658D0410318607011A00F0055F6E756D626572223A2230303030303137227D7D',NULL);
INSERT INTO "payments" VALUES(46,4,3052323656817776413,'f59bfae6-5750-41ae-87ed-17400eb80680',1,7,1788250440,0,NULL,NULL,'SUCCEEDED','10014',NULL,1788250440,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Income","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Income","com.qonto.spec/operation_type":"recall","com.qonto.spec/settled_at":"2026-09-01T08:14:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-14","std/booked-at":"2026-09-01T08:14:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Income","std/scheme":"Income","std/status":"completed","std/type":"recall"}',X'CC03000003CF03FF1566353962666165362D353735302D343161652D383765642D313734303065623830363830CF030D27312D6000372D3134D0038A3130302E31342C22B80130313030150004B50203C0039D223A2D3430302E34371A0004F001002000001F0007A7010FDC03100484000FE00301048A0002E1033F646562E0030360726563616C6CDB010FE0031C05C7010FD20307052300040F010C74035730383A313474030FC403050C28000FC403050C28000FC403050C28000FC403D2D06F746865725F657870656E7365F10104B3030FCC0343FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665CC03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(47,4,-3816669960871878834,'5e4ac1a8-9e1b-4094-bc27-bd6c65c833c9',1,7,1788250500,0,NULL,NULL,'SUCCEEDED','10015',NULL,1788250500,0,'INSTANT','PAY-IN','SWIFT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"SwiftIncome","accountReference":null,"accountNumber":"000123456789","accountNumberFormat":"account_number","bankIdentifier":"FICTUS33XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"SwiftIncome","com.qonto.spec/operation_type":"swift_income","com.qonto.spec/settled_at":"2026-09-01T08:15:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"SwiftIncome","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-15","std/booked-at":"2026-09-01T08:15:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"SwiftIncome","std/scheme":"SwiftIncome","std/status":"completed","std/type":"swift_income"}',X'B504000003CF03FF1535653461633161382D396531622D343039342D626332372D626436633635633833336339CF030D27312D6000372D3135D0038A3130302E31352C22B80130313030150004B50203C0039D223A2D3330302E33321A0004F001002000001F0007A7010FDC03100484000FE00301048A000FE1030D7473776966745F6995010FE7031E003F0015493E000FDE03070928000420010C85035730383A313585030FD503050C28000FD503050C28000FD503050C28000FD503D2DF6F746865725F657870656E7365DD03340AE7010EE203FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665E2030E1A2CB502313A7B2244040450062161630F00F0075F6E756D626572223A22303030313233343536373839E800087D060A2D00515F666F726D95020A18000C360001D900816964656E746966696400BF46494354555333335858582D000C066400C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(48,4,-3050727321320199426,'6327a0ae-9e7d-4cad-85af-628fb6db8802',1,7,1788250560,0,NULL,NULL,'SUCCEEDED','10016',NULL,1788250560,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Transfer","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Transfer","com.qonto.spec/operation_type":"pay_later","com.qonto.spec/settled_at":"2026-09-01T08:16:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-16","std/booked-at":"2026-09-01T08:16:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Transfer","std/scheme":"Transfer","std/status":"completed","std/type":"pay_later"}',X'A904000003CF03FF1536333237613061652D396537642D346361642D383561662D363238666236646238383032CF030D27312D6000372D3136D0038A3130302E31362C22B80130313030150004B50203C0039D223A2D3430302E34381A0004F001002000001F0007A7010FDC03100484000FE00301048A0002E1033F646562E00303907061795F6C61746572DE010FE3031C10541C0112663B000FD703060725000416010C7B035730383A31367B030FCB03050C28000FCB03050C28000FCB03050C28000FCB03D2D06F746865725F657870656E7365F50104BA030FD3032807E4010ED503FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D5030E03A803006D02313A7B223304043F062161630F00F0005F6E756D626572223A224652373639010060303030303137060001020030373335F000087B060A3C00515F666F726D9D024C4942414E2C0001DA00826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(49,4,-2593342438467693383,'f0285999-c962-4ae8-a7a1-408a3df5aa7a',1,7,1788250620,0,NULL,NULL,'SUCCEEDED','10017',NULL,1788250620,0,'INSTANT','PAYOUT','INTERNAL','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"FinancingInstallment","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"FinancingInstallment","com.qonto.spec/operation_type":"financing_installment","com.qonto.spec/settled_at":"2026-09-01T08:17:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"FinancingInstallment","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-17","std/booked-at":"2026-09-01T08:17:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"FinancingInstallment","std/scheme":"FinancingInstallment","std/status":"completed","std/type":"financing_installment"}',X'5C04000003CF03FF1566303238353939392D633936322D346165382D613761312D343038613364663561613761CF030D27312D6000372D3137D0038A3130302E31372C22B80130313030150004B50203C0039D223A2D3530302E36351A0004F001002000001F0007A7010FDC03100484000FE00301048A009F696465223A22646562E00303F00566696E616E63696E675F696E7374616C6C6D656E29000FEF031D144648001A4947000FEF03060F310004043A010C9F035730383A31379F030FEF03050C28000FEF03050C28000FEF03050C28000FEF03D2DF6F746865725F657870656E7365F703340FF001040E0504FF1538373233313034322D383630642D346439382D396161612D64313438393532643935366505040E1F2CD90204233A7BDA021874F002F8025F6E756D626572223A322C22746F74616C1D0012731E006072223A367D7D',NULL);
INSERT INTO "payments" VALUES(50,4,7198292648468390248,'3c9a3b34-10d2-40f0-a0c6-836d4d9639fc',1,7,1788250680,0,NULL,NULL,'SUCCEEDED','100',NULL,1788250680,0,'INSTANT','PAYOUT','OTHER','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Inconnu","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Inconnu","com.qonto.spec/operation_type":"other","com.qonto.spec/settled_at":"2026-09-01T08:18:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Other","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-18","std/booked-at":"2026-09-01T08:18:00.000Z","std/booking-date":"2026-09-01","std/category":"brand_new","std/label":"Inconnu","std/scheme":"Other","std/status":"completed","std/type":"other"}',X'DE03000003CF03FF1533633961336233342D313064322D343066302D613063362D383336643464393633396663CF030D27312D6000372D3138D0033A312C22B30110319C0304AE0203B9039D223A2D3530312E36351A0004E901002000001F0007A0010FD5031014317F030F83000102D3033F646562D20303506F74686572CC010FD1031C70496E636F6E6E753A000FC403060624000409010C67035730383A313867030FB703050C28000FB703050C28000FB703050C28000FB703D2906272616E645F6E6577B50104A2030FBB0328134F3B020EBA03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665BA030E162CB100F00B5F6669656C64223A7B2264656570223A5B312C6E756C6C5D7D7D',NULL);
INSERT INTO "payments" VALUES(51,4,7732614037590933736,'9d0b2a65-b3a5-4d73-ada4-7b8f75715af8',1,7,1788250740,0,NULL,NULL,'SUCCEEDED','100',NULL,1788250740,0,'INSTANT','PAYOUT','UNKNOWN','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Inconnu","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Inconnu","com.qonto.spec/operation_type":"quantum_leap","com.qonto.spec/settled_at":"2026-09-01T08:19:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"QuantumLeap","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-19","std/booked-at":"2026-09-01T08:19:00.000Z","std/booking-date":"2026-09-01","std/category":"brand_new","std/label":"Inconnu","std/scheme":"QuantumLeap","std/status":"completed","std/type":"quantum_leap"}',X'EB03000003CF03FF1539643062326136352D623361352D346437332D616461342D376238663735373135616638CF030D27312D6000372D3139D0033A312C22B30110319C0304AE0203B9039D223A2D3530322E36351A0004E901002000001F0007A0010FD5031014317F030F83000102D3033F646562D20303C07175616E74756D5F6C656170D3010FD8031C70496E636F6E6E753A000FCB03060624000410010C6E035730383A31396E030FBE03050C28000FBE03050C28000FBE03050C28000FBE03D2906272616E645F6E6577B50104A9030FC2032812514202124C41020EC703FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665C7030E162CB700F00B5F6669656C64223A7B2264656570223A5B312C6E756C6C5D7D7D',NULL);
INSERT INTO "payments" VALUES(52,4,544649917572364892,'4529e743-9884-49b5-a8a7-6df9842ac23e',1,7,1788250800,0,NULL,NULL,'SUCCEEDED','100',NULL,1788250800,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Inconnu","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Inconnu","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T08:20:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"transfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-20","std/booked-at":"2026-09-01T08:20:00.000Z","std/booking-date":"2026-09-01","std/category":"brand_new","std/label":"Inconnu","std/scheme":"transfer","std/status":"completed","std/type":"transfer"}',X'E403000003CF03FF1534353239653734332D393838342D343962352D613861372D366466393834326163323365CF030D27312D6000372D3230D0033A312C22B30110319C0304AE0203B9039D223A2D3530332E36351A0004E901002000001F0007A0010FD5031014317F030F83000102D3033F646562D2030301D20030666572CF010FD4031C70496E636F6E6E753A000FC70306062400040C010C6A034830383A3242030FBA03050C28000FBA03050C28000FBA03050C28000FBA03D2906272616E645F6E6577B50104A5030FBE0328073E020EC003FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665C0030E162CB400F00B5F6669656C64223A7B2264656570223A5B312C6E756C6C5D7D7D',NULL);
INSERT INTO "payments" VALUES(53,4,6214212228697551132,'1fa277b5-7322-409c-8a2d-ec5ef06744f8',1,7,1788250860,0,NULL,NULL,'SUCCEEDED','100',NULL,1788250860,0,'INSTANT','OTHER','SEPA_CREDIT','EUR/2','[]',NULL,NULL,NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Inconnu","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Inconnu","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T08:21:00.000Z","com.qonto.spec/side":"sideways","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-21","std/booked-at":"2026-09-01T08:21:00.000Z","std/booking-date":"2026-09-01","std/category":"brand_new","std/label":"Inconnu","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'E303000005CF03FF136132373762352D373332322D343039632D386132642D656335656630363734346638CF030D27312D6000202D32FF0302A80134223A310B0004B30110319C0304AE0203B9039D223A2D3530332E36351A00043600002000001F0007A0010FD5031014317F03028E00044D0002830002D3038F7369646577617973D5033A70496E636F6E6E750A020FC80306062400040D010C6B035730383A32316B030FBB03050C28000FBB03050C28000FBB03050C28000FBB03D2906272616E645F6E6577B50104A6030FBF0343FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665BF030E162CB200F00B5F6669656C64223A7B2264656570223A5B312C6E756C6C5D7D7D',NULL);
INSERT INTO "payments" VALUES(54,4,-790657554312762733,'8962ad44-1c9a-4470-8959-62fa258df9db',1,7,1788255720,0,NULL,NULL,'SUCCEEDED','2500',NULL,1788255720,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"completed","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"completed","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T09:42:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-24","std/booked-at":"2026-09-01T09:42:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"completed","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'C603000003CF03FF1538393632616434342D316339612D343437302D383935392D363266613235386466396462CF030D27312D6000372D3234D0034A32352C22B4012032359E0304B00203BB039D223A2D3532382E36351A0004EB01002000001F0007A2010FD70310007F000FD7030103850002D7033F646562D603034063617264CF010FD4031C08E3020FC90307082600040E010C6E035730393A34326E030FBE03050C28000FBE03050C28000FBE03050C28000FBE03C1502230303432DE0106C003D16F746865725F657870656E73651B0003AF030FC80328124344020EC603FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665C603096066616C73657D',NULL);
INSERT INTO "payments" VALUES(55,4,-5587545132699567070,'e7d25333-5487-4d45-8eb2-568d0cf64326',1,7,1788255840,0,NULL,NULL,'UNKNOWN','0',NULL,1788255840,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"on_hold","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"on_hold","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T09:44:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/status":"on_hold","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-26","std/booked-at":"2026-09-01T09:44:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"on_hold","std/scheme":"Card","std/status":"on_hold","std/type":"card"}',X'B603000003CF03FF1565376432353333332D353438372D346434352D386562322D353638643063663634333236CF030D27312D6000112D300002A80134223A300B00049D031630AC0203B7039D223A2D3532382E36351A00043400002000001F00079E010FD3031014307D03028C00044D0000810002CF033F646562CE03034063617264C7010FCC031C616F6E5F686F6C3A000FBF03060624000FB203055730393A343462030FB203050C28000FB203050C28000FB203050C280005B20306B3000FB003BDD06F746865725F657870656E7365F101049F030FB8032812433C020EB603FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665B603096066616C73657D',NULL);
INSERT INTO "payments" VALUES(56,4,-7793944697629007080,'bc799423-0ec0-4859-8551-3fbd78835080',1,7,1788261600,0,NULL,NULL,'SUCCEEDED','0',NULL,1788261600,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:20:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-27","std/booked-at":"2026-09-01T11:20:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'8704000003CF03FF1562633739393432332D306563302D343835392D383535312D336662643738383335303830CF030D27312D6000372D3237D0033A302C22B3011630AC0203B7039D223A2D3532382E36351A0004E701002000001F00079E010FD3031014307D030E81000FCF0346704D6F6E74616E7404020FC203060624000FB503054831313A323D030FB503050C28000FB503050C28000FB503050C28000FB503FF3AFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665B5030E322C22691704313A7B221104041D062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D020859060A3C00515F666F726DF6054C4942414E2C00018D04826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(57,4,-7917352085768193247,'f321e54a-3f6c-4b8e-84f1-b9d07e9ec3bf',1,7,1788261660,0,NULL,NULL,'SUCCEEDED','1',NULL,1788261660,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:21:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-28","std/booked-at":"2026-09-01T11:21:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'8D04000003CF03FF1566333231653534612D336636632D346238652D383466312D623964303765396563336266CF030D27312D6000372D3238D0036A302E30312C22B6011631AF0203BA039D223A2D3532382E36341A0004EA01002000001F0007A1010FD60310027E000FD803010084000FD50346704D6F6E74616E740A020FC803060624000FBB03055731313A32316B030FBB03050C28000FBB03050C28000FBB03050C28000FBB03FF3AFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665BB030E322C22691D04313A7B2217040423062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D02085F060A3C00515F666F726DFC054C4942414E2C00019304826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(58,4,8126172453142961268,'7900f8dd-4a53-4c9b-afff-fbdf5009b8a9',1,7,1788261720,0,NULL,NULL,'SUCCEEDED','29',NULL,1788261720,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:22:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-29","std/booked-at":"2026-09-01T11:22:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'8F04000003CF03FF1537393030663864642D346135332D346339622D616666662D666264663530303962386139CF030D27312D6000112D7D0002A80164223A302E32390E0004B60100120004B00203BB039D223A2D3532382E33351A00043500002000001F0007A2010FD70310027F000FD903010185000FD70346704D6F6E74616E740C020FCA0306062400040D010C6D035731313A32326D030FBD03050C28000FBD03050C28000FBD03050C28000FBD03FF3AFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665BD030E322C22691F04313A7B2219040425062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D020861060A3C00515F666F726D91024C4942414E2C00019504826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(59,4,5807776360706838564,'bd0608f0-b362-4fba-93cb-98e9131c95ac',1,7,1788261780,0,NULL,NULL,'SUCCEEDED','22530',NULL,1788261780,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:23:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-30","std/booked-at":"2026-09-01T11:23:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'9704000003CF03FF1562643036303866302D623336322D346662612D393363622D393865393133316339356163CF030D27312D6000372D3330D0037A3232352E332C22B701563232353330B40203BF039D223A2D3330332E30351A0004EF01002000001F0007A6010FDB03100383000FDE03010489000FDF0346704D6F6E74616E7414020FD203060624000FC503053131313AA0030475030FC503050C28000FC503050C28000FC503050C28000FC503FF3AFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665C5030E322C22692704313A7B222104042D062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D020869060A3C00515F666F726D06064C4942414E2C00019D04826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(60,4,1131060562198634778,'58b0d11d-8171-40a5-8b40-1e06dde264a8',1,7,1788261840,0,NULL,NULL,'SUCCEEDED','9007199254740993',NULL,1788261840,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:24:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-31","std/booked-at":"2026-09-01T11:24:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'D904000003CF03FF1535386230643131642D383137312D343061352D386234302D316530366464653236346138CF030D27312D6000202D33FF0302A801F404223A39303037313939323534373430392E39331B0004C3010A210000200004CB0203D6030923006D3130362E383824000F4D000030313036290007D1010F0604100A8D0001AE000F1504010A270001B4000F2104467F4D6F6E74616E7414040A062400043C010CB7035731313A3234B7030F0704050C28000F0704050C28000F0704050C28000F0704FF3AFF1538373233313034322D383630642D346439382D396161612D64313438393532643935366507040E322C22696904313A7B226304046F062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D0208AB060A3C00515F666F726D91024C4942414E2C0001DF04826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(61,4,4594853378279707762,'7a93794d-5513-4a3c-bbe0-802442872bed',1,7,1788261900,0,NULL,NULL,'SUCCEEDED','9223372036854775807',NULL,1788261900,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Montant","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"IBAN","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"SWIFT_BIC"}','{"com.qonto.spec/label":"Montant","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T11:25:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-32","std/booked-at":"2026-09-01T11:25:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Montant","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'EB04000003CF03FF1537613933373934642D353531332D346133632D626265302D383032343432383732626564CF030D27312D6000372D3332D003FA0739323233333732303336383534373735382E30372C22C6010D240000230004D10203DC03002600FD033332333739323336313039343836342E393527000419020D2D00002C0007DD010F1204100D960001BA000F2404010D2A0001C0000F330446704D6F6E74616E7468020F2604060624000448010CC9035731313A3235C9030F1904050C28000F1904050C28000F1904050C28000F1904FF3AFF1538373233313034322D383630642D346439382D396161612D64313438393532643935366519040E322C22697B04313A7B2275040481062161630F00F0005F6E756D626572223A2246523736390100603030303031370600010200303733359D0208BD060A3C00515F666F726D91024C4942414E2C0001F104826964656E746966696900AF494354465250325858582D000C065A00C053574946545F424943227D7D',NULL);
INSERT INTO "payments" VALUES(62,4,6069489209110515629,'41291fb5-7d0a-4556-96c8-534342b0eab4',1,7,1788262200,0,NULL,NULL,'SUCCEEDED','1100',NULL,1788262200,0,'INSTANT','PAYOUT','CARD','EUR/2','[]','{"amount":"1234","asset":"USD/2"}','87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"USD","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"USD","com.qonto.spec/local_amount":"12.34","com.qonto.spec/local_currency":"USD","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T11:30:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-33","std/booked-at":"2026-09-01T11:30:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"USD","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'D703000003CF03FF1534313239316662352D376430612D343535362D393663382D353334333432623065616234CF030D27312D6000372D3333D0034A31312C22B4012031319E0304B00203BB03FD07223A39323332333739323336313039343835332E3935270004F8010D2D00002C0007BC010FF103105431322E33349F030BA20010321A0003F4033F646562F303034063617264EC010FF1030E37555344F103020E000FE00307022000041F010C7F034831313A3357030FCF03050C28000FCF03050C28000FCF03050C28000FCF03C1502230303432D20106D103D16F746865725F657870656E73651B0003C0030FD90328124338020ED703FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D703096066616C73657D',NULL);
INSERT INTO "payments" VALUES(63,4,-1285496529955612919,'a2a86d1f-5ab9-4b8d-8079-b2bc999cf964',1,7,1788262260,0,NULL,NULL,'SUCCEEDED','1100',NULL,1788262260,0,'INSTANT','PAYOUT','CARD','EUR/2','[]','{"amount":"999","asset":"GBP/2"}','87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"GBP","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"GBP","com.qonto.spec/local_amount":"9.99","com.qonto.spec/local_currency":"GBP","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T11:31:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-34","std/booked-at":"2026-09-01T11:31:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"GBP","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'D503000003CF03FF1561326138366431662D356162392D346238642D383037392D623262633939396366393634CF030D27312D6000372D3334D0034A31312C22B4012031319E0304B00203BB03FD07223A39323332333739323336313039343834322E3935270004F8010D2D00002C0007BC010FF1031044392E39399E030AA1001039190003F2033F646562F103034063617264EA010FEF030E37474250EF03020E000FDE0307022000041D010C7D035731313A33317D030FCD03050C28000FCD03050C28000FCD03050C28000FCD03C1502230303432D20106CF03D16F746865725F657870656E73651B0003BE030FD70328124338020ED503FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D503096066616C73657D',NULL);
INSERT INTO "payments" VALUES(64,4,-4754608053889459081,'16891566-f778-47c9-b2ea-2254ce524460',1,7,1788262320,0,NULL,NULL,'SUCCEEDED','1100',NULL,1788262320,0,'INSTANT','PAYOUT','CARD','EUR/2','[]','{"amount":"1500","asset":"JPY/0"}','87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"JPY","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"JPY","com.qonto.spec/local_amount":"1500","com.qonto.spec/local_currency":"JPY","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T11:32:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-35","std/booked-at":"2026-09-01T11:32:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"JPY","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'D803000004CF03FF14363839313536362D663737382D343763392D623265612D323235346365353234343630CF030D27312D1F00372D3335D0034A31312C22B4012031319E0304B00203BB03FD07223A39323332333739323336313039343833312E3935270004F8010D2D00002C0007BC010FF1031020313587000FF30301001A00001C0003F5033F646562F403034063617264ED010FF2030E374A5059F203020E000FE103070220000420010C80035731313A333280030FD003050C28000FD003050C28000FD003050C28000FD003C1502230303432D20106D203D16F746865725F657870656E73651B0003C1030FDA0328124338020ED803FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D803096066616C73657D',NULL);
INSERT INTO "payments" VALUES(65,4,3942859750280717033,'e331347f-6370-43cb-8344-1dc9eec8ec87',1,7,1788262380,0,NULL,NULL,'SUCCEEDED','1100',NULL,1788262380,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"XAU","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"XAU","com.qonto.spec/local_amount":"0.03","com.qonto.spec/local_currency":"XAU","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T11:33:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-36","std/booked-at":"2026-09-01T11:33:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"XAU","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'D303000003CF03FF1565333331333437662D363337302D343363622D383334342D316463396565633865633837CF030D27312D6000372D3336D0034A31312C22B4012031319E0304B00203BB03FD07223A39323332333739323336313039343832302E3935270004F8010D2D00002C0007BC010FF1031044302E30339E030AA1001533F0033F646562EF03034063617264E8010FED030E37584155ED03020E000FDC0307022000041B010C7B034031313A335603047B030FCB03050C28000FCB03050C28000FCB03050C28000FCB03C1502230303432D20106CD03D16F746865725F657870656E73651B0003BC030FD50328124338020ED303FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665D303096066616C73657D',NULL);
INSERT INTO "payments" VALUES(66,4,-2240367764502796829,'de780e74-11ef-4032-99d8-82d0edd6eeb1',1,7,1788267000,0,NULL,NULL,'SUCCEEDED','303',NULL,1788267780,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Temps à rebours","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Temps à rebours","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:03:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-43","std/booked-at":"2026-09-01T13:03:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Temps à rebours","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'EE03000003CF03FF1464653738306537342D313165662D343033322D393964382D3832643065646436656562CF030E27312D6000372D3433D0036A332E30332C22B6011033130004B10203BC03FE06223A39323332333739323336313039343739342E39270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F203034063617264EB010FF0031CF00154656D707320C3A0207265626F75727343000FEC03060F2D00000437010C98034031333A3073030498030FE803050C28000FE803050C28000FE803054F31323A35E803DED06F746865725F657870656E7365C20104D7030FF00328124350020EEE03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665EE03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(67,4,7394105447222606935,'d8b67e05-1372-4e63-be1a-e08b84ce65cd',1,7,1788267600,0,NULL,NULL,'SUCCEEDED','300',NULL,1788267600,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Ancienne forme","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Ancienne forme","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:00:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-39","std/booked-at":"2026-09-01T13:00:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Ancienne forme","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'A402000003CF03FF1564386236376530352D313337322D346536332D626531612D653038623834636536356364CF030D27312D6000372D3339D0033A332C22B301393330306701079C03002903022D0001380008110004F101013E00038E033F6465628D0303406361726486010F8B031CC1416E6369656E6E6520666F727A010F5403051B31DC020F5403050C28000F2C03050C28000F2C03D2D06F746865725F657870656E736521040AFF026043617264227D',NULL);
INSERT INTO "payments" VALUES(68,4,7467784868608396367,'92e72759-c0c5-41c2-93ff-bfa1504c1d1a',1,7,1788267660,0,NULL,NULL,'SUCCEEDED','301',NULL,1788267660,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Sans contrepartie","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Sans contrepartie","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T13:01:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-40","std/booked-at":"2026-09-01T13:01:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Sans contrepartie","std/scheme":"Transfer","std/status":"completed","std/type":"transfer"}',X'0804000003CF03FF1539326537323735392D633063352D343163322D393366662D626661313530346331643161CF030D27312D6000372D3430D0036A332E30312C22B6011033130004B10203BC03FD07223A39323332333739323336313039343739342E3934270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F2030301F20030666572EF010FF4031DF001616E7320636F6E74726570617274696544000FF103070F2E0000043D010C9E035731333A30319E030FEE03050C28000FEE03050C28000FEE03050C28000FEE03D2C16F746865725F657870656E73C30104DD030FF60328105448030256020EF803FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665F8030E03CB03A0666572223A6E756C6C7D',NULL);
INSERT INTO "payments" VALUES(69,4,7816459316373097298,'8bfb881d-fd16-40cf-9178-877f86c360aa',1,7,1788267720,0,NULL,NULL,'SUCCEEDED','302',NULL,1788267720,0,'INSTANT','PAY-IN','SEPA_CREDIT','EUR/2','[]',NULL,NULL,'87231042-860d-4d98-9aaa-d148952d956e',15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Contrepartie vide","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Contrepartie vide","com.qonto.spec/operation_type":"income","com.qonto.spec/settled_at":"2026-09-01T13:02:00.000Z","com.qonto.spec/side":"credit","com.qonto.spec/subject_type":"Income","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-41","std/booked-at":"2026-09-01T13:02:00.000Z","std/booking-date":"2026-09-01","std/category":"sales","std/label":"Contrepartie vide","std/scheme":"Income","std/status":"completed","std/type":"income"}',X'6704000003CF03FF1538626662383831642D666431362D343063662D393137382D383737663836633336306161CF030D27312D6000202D34FF0302A8015D223A332E30D2031033130004B10203BC03FD07223A39323332333739323336313039343739372E3936270004F9010D2D00002C0007BD010FF20310029A000FF4030102A0000FF30346E0436F6E747265706172746965207667000FF003090F2E0001043C010C9D035731333A30329D030FED03050C28000FED03050C28000FED03050C28000FED03FF3AFF1538373233313034322D383630642D346439382D396161612D643134383935326439353665ED030E322C22694F04313A7B2249040455062161630F00A05F6E756D626572223A22BE040876060A2100505F666F726D7602026905013C00044B0001A804F0036964656E746966696572223A6E756C6C7D7D',NULL);
INSERT INTO "payments" VALUES(70,4,-4440973184891898783,'2503ee2d-fe5b-4a5e-b257-683c7deda007',1,7,1788267840,0,NULL,NULL,'SUCCEEDED','304',NULL,1788267840,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"« É » \"guillemets\" \\ 🧾\n\t","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/card_last_digits":"0042","com.qonto.spec/label":"« É » \"guillemets\" \\ 🧾\n\t","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:04:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-44","std/booked-at":"2026-09-01T13:04:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"« É » \"guillemets\" \\ 🧾\n\t","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'1604000003CF03FF1532353033656532642D666535622D346135652D623235372D363833633764656461303037CF030D27312D6000372D3434D0036A332E30342C22B6011033130004B10203BC03FD07223A39323332333739323336313039343739312E3839270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F203034063617264EB010FF0031CF013C2AB20C38920C2BB205C226775696C6C656D6574735C22205C5C20F09FA7BE5C6E5C6E000FFF03070F400013045D010CBE035731333A3034BE030F0E04050C28000F0E04050C28000F0E04050C28000F0E04C15022303034321202061004D16F746865725F657870656E73651B0003FF030F180428124378020E1604FF1538373233313034322D383630642D346439382D396161612D6431343839353264393536651604096066616C73657D',NULL);
INSERT INTO "payments" VALUES(71,4,560970182082097451,'06d15622-d881-464e-ac1b-b3013db8806a',1,7,1788267960,0,NULL,NULL,'SUCCEEDED','307',NULL,1788267960,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Au même instant","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Au même instant","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:06:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-47","std/booked-at":"2026-09-01T13:06:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Au même instant","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'EE03000003CF03FF1530366431353632322D643838312D343634652D616331622D623330313364623838303661CF030D27312D6000372D3437D0036A332E30372C22B6011033130004B10203BC03FE06223A39323332333739323336313039343738352E37270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F203034063617264EB010FF0031CF0004175206DC3AA6D6520696E7374616E5B000FEC03070F2D00000437010C98035731333A303698030FE803050C28000FE803050C28000FE803050C28000FE803D2D06F746865725F657870656E7365050204D7030FF00328124350020EEE03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665EE03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(72,4,-7217664328166575173,'7848ac60-33b4-408c-a50d-1840dac0733a',1,7,1788267960,0,NULL,NULL,'SUCCEEDED','306',NULL,1788267960,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Au même instant","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Au même instant","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:06:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-46","std/booked-at":"2026-09-01T13:06:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Au même instant","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'EE03000003CF03FF1537383438616336302D333362342D343038632D613530642D313834306461633037333361CF030D27312D6000372D3436D0036A332E30362C22B6011033130004B10203BC03FD07223A39323332333739323336313039343738322E3731270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F203034063617264EB010FF0031CF0004175206DC3AA6D6520696E7374616E5B000FEC03070F2D00000437010C98035731333A303698030FE803050C28000FE803050C28000FE803050C28000FE803D2D06F746865725F657870656E7365050204D7030FF00328124350020EEE03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665EE03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(73,4,-325008659426572745,'90b074e6-e644-4a95-b281-61f391506369',1,7,1788267960,0,NULL,NULL,'SUCCEEDED','308',NULL,1788267960,0,'INSTANT','PAYOUT','CARD','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Au même instant","accountReference":null,"accountNumber":null,"accountNumberFormat":null,"bankIdentifier":null,"bankIdentifierFormat":null}','{"com.qonto.spec/label":"Au même instant","com.qonto.spec/operation_type":"card","com.qonto.spec/settled_at":"2026-09-01T13:06:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Card","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-48","std/booked-at":"2026-09-01T13:06:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Au même instant","std/scheme":"Card","std/status":"completed","std/type":"card"}',X'EE03000003CF03FF1539306230373465362D653634342D346139352D623238312D363166333931353036333639CF030D27312D6000372D3438D0036A332E30382C22B6011033130004B10203BC03FD07223A39323332333739323336313039343737392E3633270004F9010D2D00002C0007BD010FF20310029A000FF4030102A00002F3033F646562F203034063617264EB010FF0031CF0004175206DC3AA6D6520696E7374616E5B000FEC03070F2D00000437010C98035731333A303698030FE803050C28000FE803050C28000FE803050C28000FE803D2D06F746865725F657870656E7365050204D7030FF00328124350020EEE03FF1538373233313034322D383630642D346439382D396161612D643134383935326439353665EE03096066616C73657D',NULL);
INSERT INTO "payments" VALUES(74,4,-2018859638878228430,'a126e082-3f0d-4221-9926-b5d3a97f423a',1,7,1788268200,0,NULL,NULL,'SUCCEEDED','310',NULL,1788268200,0,'INSTANT','PAYOUT','SEPA_CREDIT','EUR/2','[]',NULL,'87231042-860d-4d98-9aaa-d148952d956e',NULL,15,7,11,'2026-10-07T18:00:00.000000000Z',NULL,'{"name":"Formats en minuscules","accountReference":null,"accountNumber":"FR7699999000017000000000735","accountNumberFormat":"iban","bankIdentifier":"FICTFRP2XXX","bankIdentifierFormat":"bic"}','{"com.qonto.spec/label":"Formats en minuscules","com.qonto.spec/operation_type":"transfer","com.qonto.spec/settled_at":"2026-09-01T13:10:00.000Z","com.qonto.spec/side":"debit","com.qonto.spec/subject_type":"Transfer","com.qonto.spec/transaction_id":"catalogue-1-1-transaction-42","std/booked-at":"2026-09-01T13:10:00.000Z","std/booking-date":"2026-09-01","std/category":"other_expense","std/label":"Formats en minuscules","std/scheme":"Transfer","std/status":"completed","std/type":"transfer"}',X'CC04000003CF03FF1561313236653038322D336630642D343232312D393932362D623564336139376634323361CF030D27312D6000372D3432D0035A332E312C22B50136333130B00203BB03FD07223A39323332333739323336313039343737362E3533270004F8010D2D00002C0007BC010FF103100199000FF20301029F0002F1033F646562F0030301F00030666572ED010FF2031CF303466F726D61747320656E206D696E7573637535020FF303060F3200050FF403054831333A317C030FF403050C28000FF403050C28000FF403050C28000FF403D2D06F746865725F657870656E73650F0204E3030FFC032810544E03025E020EFE03B038373233313034322D3836B103FF066439382D396161612D643134383935326439353665FE030E03D103006400313A7B225C040468062161630F00F0005F6E756D626572223A224652373639010060303030303137060001020030373335F00008A4060A3C00215F66EB027C223A226962616E2C0001DA00826964656E746966696900AF494354465250325858582D000C065A0060626963227D7D',NULL);
CREATE TABLE pool_accounts (
    pool    INTEGER NOT NULL REFERENCES pools(id),
    account INTEGER NOT NULL REFERENCES accounts(id),
    PRIMARY KEY (pool, account)
) STRICT, WITHOUT ROWID;
INSERT INTO "pool_accounts" VALUES(1,9);
CREATE TABLE pools (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO "pools" VALUES(1,'07969d7b-2bdf-46a0-9529-24b8df23f156','All','2026-11-28T02:31:58.501438292Z');
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
INSERT INTO "quarantine" VALUES(1,5,590159761254120577,'p-fixed','`amount` is "abc"; expected a number','{"v":1}','2026-05-04T08:00:10.123456789Z','2026-05-04T08:00:20.123456789Z');
INSERT INTO "quarantine" VALUES(2,5,-4277040126800707681,'p-bad','`amount` is "abc"; expected a number','{"amount":"abc"}','2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO "quarantine" VALUES(3,5,8762231907411876042,NULL,'`amount` is "abc"; expected a number','<html>','2026-05-04T08:00:10.123456789Z',NULL);
INSERT INTO "quarantine" VALUES(4,6,-4678281394306167479,'q','`amount` is "abc"; expected a number','q','2026-05-04T08:00:42.123456789Z',NULL);
INSERT INTO "quarantine" VALUES(5,15,-3014960971578633693,'1e8cd0f8-6b9d-4517-ba4a-626f08c4eae8','amount_cents is 1000: the cents and the decimal amount contradict each other in EUR/2; amount is 10.01: the same amount','{"id":"1e8cd0f8-6b9d-4517-ba4a-626f08c4eae8","transaction_id":"catalogue-1-1-transaction-37","amount":10.01,"amount_cents":1000,"settled_balance":92323792361094810.95,"settled_balance_cents":9232379236109481095,"attachment_ids":[],"logo":null,"local_amount":10,"local_amount_cents":1000,"side":"debit","operation_type":"card","currency":"EUR","local_currency":"EUR","label":"Contradiction","clean_counterparty_name":"Contradiction","settled_at":"2026-09-01T11:40:00.000Z","emitted_at":"2026-09-01T11:40:00.000Z","created_at":"2026-09-01T11:40:00.000Z","updated_at":"2026-09-01T11:40:00.000Z","status":"completed","note":null,"reference":null,"vat_amount":null,"vat_amount_cents":null,"vat_rate":null,"initiator_id":null,"label_ids":[],"attachment_lost":false,"attachment_required":true,"card_last_digits":null,"category":"other_expense","cashflow_category":null,"cashflow_subcategory":null,"subject_type":"Card","bank_account_id":"87231042-860d-4d98-9aaa-d148952d956e","is_external_transaction":false}','2026-10-07T18:00:00.000000000Z',NULL);
INSERT INTO "quarantine" VALUES(6,15,-3458463983771859950,'22d63ea8-b3ba-4133-966f-f9e9b39d50c6','currency is "ZZZ": expected a currency code of ISO 4217, such as EUR','{"id":"22d63ea8-b3ba-4133-966f-f9e9b39d50c6","transaction_id":"catalogue-1-1-transaction-38","amount":10,"amount_cents":1000,"settled_balance":92323792361094800.95,"settled_balance_cents":9232379236109480095,"attachment_ids":[],"logo":null,"local_amount":10,"local_amount_cents":1000,"side":"debit","operation_type":"card","currency":"ZZZ","local_currency":"EUR","label":"Devise inconnue","clean_counterparty_name":"Devise inconnue","settled_at":"2026-09-01T11:41:00.000Z","emitted_at":"2026-09-01T11:41:00.000Z","created_at":"2026-09-01T11:41:00.000Z","updated_at":"2026-09-01T11:41:00.000Z","status":"completed","note":null,"reference":null,"vat_amount":null,"vat_amount_cents":null,"vat_rate":null,"initiator_id":null,"label_ids":[],"attachment_lost":false,"attachment_required":true,"card_last_digits":null,"category":"other_expense","cashflow_category":null,"cashflow_subcategory":null,"subject_type":"Card","bank_account_id":"87231042-860d-4d98-9aaa-d148952d956e","is_external_transaction":false}','2026-10-07T18:00:00.000000000Z',NULL);
INSERT INTO "quarantine" VALUES(7,15,-8646031416095403438,NULL,'id is missing: expected a string that is not empty','{"transaction_id":"catalogue-1-1-transaction-45","amount":3.05,"amount_cents":305,"settled_balance":92323792361094788.84,"settled_balance_cents":9232379236109478884,"attachment_ids":[],"logo":null,"local_amount":3.05,"local_amount_cents":305,"side":"debit","operation_type":"card","currency":"EUR","local_currency":"EUR","label":"Sans identifiant","clean_counterparty_name":"Sans identifiant","settled_at":"2026-09-01T13:05:00.000Z","emitted_at":"2026-09-01T13:05:00.000Z","created_at":"2026-09-01T13:05:00.000Z","updated_at":"2026-09-01T13:05:00.000Z","status":"completed","note":null,"reference":null,"vat_amount":null,"vat_amount_cents":null,"vat_rate":null,"initiator_id":null,"label_ids":[],"attachment_lost":false,"attachment_required":true,"card_last_digits":null,"category":"other_expense","cashflow_category":null,"cashflow_subcategory":null,"subject_type":"Card","bank_account_id":"87231042-860d-4d98-9aaa-d148952d956e","is_external_transaction":false}','2026-10-07T18:00:00.000000000Z',NULL);
CREATE TABLE readers (
    name  TEXT PRIMARY KEY,
    after INTEGER NOT NULL
) STRICT;
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
INSERT INTO "runs" VALUES(1,5,'2026-05-04T08:00:50.123456789Z','2026-05-04T08:00:51.123456789Z',3,1,2,NULL);
INSERT INTO "runs" VALUES(2,6,'2026-05-04T08:00:50.123456789Z','2026-05-04T08:00:51.123456789Z',3,1,2,'the provider answered 500');
INSERT INTO "runs" VALUES(3,5,'2026-05-04T08:00:52.123456789Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(4,9,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',4,0,1,NULL);
INSERT INTO "runs" VALUES(5,10,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(6,11,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',0,0,3,NULL);
INSERT INTO "runs" VALUES(7,12,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(8,13,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',0,0,3,NULL);
INSERT INTO "runs" VALUES(9,14,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(10,15,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',44,3,3,NULL);
INSERT INTO "runs" VALUES(11,16,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',2,0,0,NULL);
INSERT INTO "runs" VALUES(12,17,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',1,0,3,NULL);
INSERT INTO "runs" VALUES(13,18,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',8,0,1,NULL);
INSERT INTO "runs" VALUES(14,19,'2026-10-07T18:00:00.000000000Z','2026-10-07T18:00:00.000000000Z',3,0,17,NULL);
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
INSERT INTO "streams" VALUES(1,1,'fetch-accounts',NULL,X'6132',2,'2026-05-04T08:00:03.123456789Z',NULL,'2026-05-04T08:00:04.123456789Z',NULL,0,0);
INSERT INTO "streams" VALUES(2,1,'fetch-external-accounts',NULL,NULL,1,NULL,NULL,NULL,3,0,0);
INSERT INTO "streams" VALUES(3,1,'fetch-others',NULL,X'6F',1,'2026-05-04T08:00:05.123456789Z',NULL,NULL,4,0,0);
INSERT INTO "streams" VALUES(4,1,'fetch-balances','acc-1',NULL,3,NULL,NULL,NULL,5,0,0);
INSERT INTO "streams" VALUES(5,1,'fetch-payments','acc-1',X'7B2270616765223A337D',8,'2026-05-04T08:00:54.123456789Z',NULL,'2026-05-04T08:00:41.123456789Z',19,0,0);
INSERT INTO "streams" VALUES(6,1,'fetch-payments','acc-2',X'74776F',4,'2026-05-04T08:00:42.123456789Z','2026-05-04T09:00:00.123456789Z','2026-05-04T08:00:46.123456789Z',18,0,0);
INSERT INTO "streams" VALUES(8,3,'fetch-accounts',NULL,NULL,0,NULL,NULL,NULL,1,0,0);
INSERT INTO "streams" VALUES(9,4,'fetch-accounts',NULL,NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(10,4,'fetch-balances','017af6b7-c9a7-4408-958e-009e31061a90',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(11,4,'fetch-payments','017af6b7-c9a7-4408-958e-009e31061a90',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(12,4,'fetch-balances','72cc6e64-3ecd-4071-8246-63872ec31ceb',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(13,4,'fetch-payments','72cc6e64-3ecd-4071-8246-63872ec31ceb',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(14,4,'fetch-balances','87231042-860d-4d98-9aaa-d148952d956e',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(15,4,'fetch-payments','87231042-860d-4d98-9aaa-d148952d956e',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(16,4,'fetch-balances','e4d1886a-f6c2-4cb5-bc32-8280f1184229',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(17,4,'fetch-payments','e4d1886a-f6c2-4cb5-bc32-8280f1184229',NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(18,4,'fetch-external-accounts',NULL,NULL,2,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "streams" VALUES(19,4,'fetch-international-beneficiaries',NULL,NULL,2,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE tasks (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT NOT NULL UNIQUE,
    provider   TEXT NOT NULL,
    connector  TEXT NOT NULL,
    what       TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    created    TEXT,
    error      TEXT
) STRICT;
INSERT INTO "tasks" VALUES(1,'afeda273-0ce0-420d-8a27-26a90d114ce6','lakeside','329db237-18d8-4e69-aac6-afffd64edf41','uninstall','SUCCEEDED','2026-11-28T02:31:38.260350281Z','2026-11-28T02:31:38.263904254Z',NULL,NULL);
CREATE UNIQUE INDEX streams_root ON streams (install, task) WHERE parent IS NULL;
CREATE INDEX account_versions_account ON account_versions (account);
CREATE INDEX quarantine_digest ON quarantine (stream, digest);
CREATE INDEX quarantine_open ON quarantine (stream, reference) WHERE resolved_at IS NULL;
CREATE INDEX runs_stream ON runs (stream);
CREATE INDEX incidents_open ON incidents (install, at) WHERE cleared_at IS NULL;
CREATE INDEX accounts_stream ON accounts (stream);
CREATE INDEX balances_key ON balances (install, account, kind, label, asset, first);
CREATE INDEX payments_reference ON payments (reference_hash);
CREATE INDEX payments_stream ON payments (stream, status);
CREATE INDEX payments_created ON payments (created_s, created_n);
CREATE INDEX payments_of_install ON payments (install, created_s, created_n);
CREATE TRIGGER installs_sample BEFORE UPDATE OF sample ON installs WHEN OLD.sample IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'payments are packed with this sample: it never changes'); END;
CREATE TRIGGER accounts_new AFTER INSERT ON accounts BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, 0);
END;
CREATE TRIGGER accounts_changed AFTER UPDATE OF raw ON accounts BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, 0);
END;
CREATE TRIGGER accounts_gone AFTER UPDATE OF gone_at ON accounts WHEN (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL) BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, NEW.kind, NEW.id, NEW.gone_at IS NOT NULL);
END;
CREATE TRIGGER balances_new AFTER INSERT ON balances BEGIN
    INSERT INTO change_log (install, kind, record, is_gone) VALUES (NEW.install, 'balance', NEW.id, 0);
END;
CREATE TRIGGER payments_changed AFTER UPDATE OF metadata ON payments BEGIN
    INSERT INTO change_log (install, kind, record, is_gone, version) VALUES (NEW.install, 'payment', NEW.id, 0, NEW.seq);
END;
CREATE TRIGGER payments_gone AFTER UPDATE OF withdrawn_s ON payments WHEN NEW.withdrawn_s IS NOT NULL BEGIN
    INSERT INTO change_log (install, kind, record, is_gone, version) VALUES (NEW.install, 'payment', NEW.id, 1, NEW.seq);
END;
CREATE VIEW v_accounts AS SELECT
    i.name AS install,
    a.reference AS account_id,
    a.kind,
    a.name,
    json_extract(a.metadata, '$."std/iban"') AS iban,
    json_extract(a.metadata, '$."std/account-number"') AS account_number,
    json_extract(a.metadata, '$."std/bic"') AS bic,
    json_extract(a.metadata, '$."std/holder"') AS holder,
    json_extract(a.metadata, '$."std/country"') AS country,
    json_extract(a.metadata, '$."std/status"') AS status,
    json_extract(a.metadata, '$."std/type"') AS type,
    substr(a.asset, 1, instr(a.asset, '/') - 1) AS currency,
    strftime('%Y-%m-%dT%H:%M:%S', a.created_s, 'unixepoch') || printf('.%06dZ', a.created_n / 1000) AS created_at,
    strftime('%Y-%m-%dT%H:%M:%S', a.updated_s, 'unixepoch') || printf('.%06dZ', a.updated_n / 1000) AS updated_at,
    a.gone_at,
    a.replaced_by AS replaced_by_account_id
FROM accounts a JOIN installs i ON i.id = a.install
WHERE a.kind IN ('account', 'external-account');
CREATE VIEW _balances AS SELECT
    id, install, account, kind, label, asset, since_s, since_n, until_s, until_n,
    CASE WHEN amount LIKE '-%' THEN '-' ELSE '' END AS sign,
    CASE WHEN length(ltrim(amount, '-')) < 16 THEN CAST(amount AS INTEGER) END AS minor,
    amount,
    CAST(substr(asset, instr(asset, '/') + 1) AS INTEGER) AS exponent,
    replace(hex(zeroblob(max(0, substr(asset, instr(asset, '/') + 1) + 1 - length(ltrim(amount, '-'))))), '00', '0')
        || ltrim(amount, '-') AS digits,
    first = max(first) OVER of_one AS is_latest,
    first = min(first) OVER of_one AS is_oldest
FROM balances
WINDOW of_one AS (PARTITION BY install, account, kind, label, asset);
CREATE VIEW _legs AS
SELECT id, install, 0 AS leg, source AS account, '-' AS sign, amount, asset FROM payments WHERE source IS NOT NULL
UNION ALL
SELECT id, install, 1, destination, '',
    CASE WHEN type = 'CONVERSION' THEN json_extract(counter, '$.amount') ELSE amount END,
    CASE WHEN type = 'CONVERSION' THEN json_extract(counter, '$.asset') ELSE asset END
FROM payments WHERE destination IS NOT NULL AND (type <> 'CONVERSION' OR counter IS NOT NULL)
UNION ALL
SELECT p.id, p.install, 2 + f.key, ifnull(p.source, p.destination), '-', json_extract(f.value, '$.amount'),
    json_extract(f.value, '$.asset')
FROM payments p, json_each(p.fees) f WHERE p.fees <> '[]' AND ifnull(p.source, p.destination) IS NOT NULL;
CREATE VIEW _booked AS SELECT
    l.id, l.install, l.leg, l.account, CASE WHEN l.amount <> '0' THEN l.sign ELSE '' END AS sign, l.asset,
    json_extract(p.metadata, '$."std/booked-at"') AS booked_at,
    CASE WHEN length(l.amount) < 16 THEN CAST(l.sign || l.amount AS INTEGER) END AS minor,
    CAST(substr(l.asset, instr(l.asset, '/') + 1) AS INTEGER) AS exponent,
    replace(hex(zeroblob(max(0, substr(l.asset, instr(l.asset, '/') + 1) + 1 - length(l.amount)))), '00', '0')
        || l.amount AS digits,
    ifnull(json_extract(p.metadata, '$."std/booking-date"'),
        date(ifnull(json_extract(p.metadata, '$."std/booked-at"'), datetime(p.created_s, 'unixepoch')))) AS booked_on,
    ifnull(CAST(strftime('%s', json_extract(p.metadata, '$."std/booked-at"')) AS INTEGER), max(p.created_s,
        ifnull(CAST(strftime('%s', json_extract(p.metadata, '$."std/booking-date"')) AS INTEGER), p.created_s))) AS booked_s
FROM _legs l JOIN payments p ON p.id = l.id
WHERE p.status IN ('SUCCEEDED', 'REFUNDED', 'REFUNDED_FAILURE', 'REFUND_REVERSED', 'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST',
    'AMOUNT_ADJUSTMENT', 'CAPTURE');
CREATE VIEW _openings AS SELECT
    b.install, b.account, b.asset,
    CASE WHEN count(e.id) = count(e.minor) THEN b.minor - ifnull(sum(e.minor), 0) END AS opening
FROM _balances b
LEFT JOIN _booked e ON e.install = b.install AND e.account = b.account AND e.asset = b.asset AND e.booked_s <= b.since_s
WHERE b.kind = 'BOOKED' AND b.label IS NULL AND b.is_oldest
GROUP BY b.install, b.account, b.asset;
CREATE VIEW v_balances AS SELECT
    i.name AS install,
    b.account AS account_id,
    a.name AS account_name,
    json_extract(a.metadata, '$."std/iban"') AS account_iban,
    b.kind AS type,
    b.label,
    b.sign || substr(b.digits, 1, length(b.digits) - b.exponent)
        || CASE WHEN b.exponent > 0 THEN '.' || substr(b.digits, -b.exponent) ELSE '' END AS amount,
    ifnull(b.minor, b.amount) AS amount_minor,
    substr(b.asset, 1, instr(b.asset, '/') - 1) AS currency,
    strftime('%Y-%m-%dT%H:%M:%S', b.since_s, 'unixepoch') || printf('.%06dZ', b.since_n / 1000) AS since,
    strftime('%Y-%m-%dT%H:%M:%S', b.until_s, 'unixepoch') || printf('.%06dZ', b.until_n / 1000) AS as_of,
    s.entries AS entries_minor,
    b.minor - s.entries AS difference_minor
FROM _balances b
JOIN installs i ON i.id = b.install
LEFT JOIN accounts a ON a.install = b.install AND a.kind = 'account' AND a.reference = b.account
LEFT JOIN (
    SELECT l.install, l.account, l.asset, CASE WHEN count(e.id) = count(e.minor) THEN ifnull(sum(e.minor), 0) END AS entries
    FROM _balances l
    LEFT JOIN _booked e ON e.install = l.install AND e.account = l.account AND e.asset = l.asset AND e.booked_s <= l.until_s
    WHERE l.kind = 'BOOKED' AND l.label IS NULL AND l.is_latest
    GROUP BY l.install, l.account, l.asset
) s ON b.kind = 'BOOKED' AND b.label IS NULL AND s.install = b.install AND s.account = b.account AND s.asset = b.asset
WHERE b.is_latest;
CREATE VIEW v_payments AS SELECT
    i.name AS install,
    p.reference AS payment_id,
    p.parent AS parent_payment_id,
    p.replaced_by AS replaced_by_payment_id,
    strftime('%Y-%m-%dT%H:%M:%S', p.created_s, 'unixepoch') || printf('.%06dZ', p.created_n / 1000) AS created_at,
    p.precision AS created_at_precision,
    strftime('%Y-%m-%dT%H:%M:%S', p.updated_s, 'unixepoch') || printf('.%06dZ', p.updated_n / 1000) AS updated_at,
    strftime('%Y-%m-%dT%H:%M:%S', p.withdrawn_s, 'unixepoch') || printf('.%06dZ', p.withdrawn_n / 1000) AS withdrawn_at,
    p.type,
    p.status,
    p.scheme,
    substr(p.digits, 1, length(p.digits) - p.exponent)
        || CASE WHEN p.exponent > 0 THEN '.' || substr(p.digits, -p.exponent) ELSE '' END AS amount,
    CASE WHEN length(p.amount) < 16 THEN CAST(p.amount AS INTEGER) ELSE p.amount END AS amount_minor,
    substr(p.asset, 1, instr(p.asset, '/') - 1) AS currency,
    p.source AS source_account_id,
    p.destination AS destination_account_id,
    json_extract(p.counterparty, '$.name') AS counterparty_name,
    json_extract(p.counterparty, '$.accountNumber') AS counterparty_account_number,
    json_extract(p.counterparty, '$.bankIdentifier') AS counterparty_bank,
    json_extract(p.metadata, '$."std/booking-date"') AS booked_on,
    json_extract(p.metadata, '$."std/value-date"') AS value_on,
    json_extract(p.metadata, '$."std/label"') AS label,
    json_extract(p.metadata, '$."std/description"') AS reference,
    json_extract(p.metadata, '$."std/note"') AS note,
    json_extract(p.metadata, '$."std/category"') AS category,
    json_extract(p.metadata, '$."std/tags"') AS tags,
    json_extract(p.metadata, '$."std/attachments"') AS attachments,
    json_extract(p.metadata, '$."std/end-to-end-id"') AS end_to_end_id
FROM (
    SELECT *, CAST(substr(asset, instr(asset, '/') + 1) AS INTEGER) AS exponent,
        replace(hex(zeroblob(max(0, substr(asset, instr(asset, '/') + 1) + 1 - length(amount)))), '00', '0') || amount AS digits
    FROM payments
) p
JOIN installs i ON i.id = p.install;
CREATE VIEW v_entries AS SELECT
    i.name AS install,
    p.reference AS payment_id,
    e.account AS account_id,
    a.name AS account_name,
    json_extract(a.metadata, '$."std/iban"') AS account_iban,
    e.booked_on,
    strftime('%Y-%m-%dT%H:%M:%S', p.created_s, 'unixepoch') || printf('.%06dZ', p.created_n / 1000) AS created_at,
    strftime('%Y-%m-%dT%H:%M:%S', p.updated_s, 'unixepoch') || printf('.%06dZ', p.updated_n / 1000) AS updated_at,
    CASE WHEN e.leg < 2 THEN p.type ELSE 'FEE' END AS type,
    p.status,
    p.scheme,
    CASE e.leg WHEN 1 THEN 'CREDIT' ELSE 'DEBIT' END AS direction,
    e.sign || substr(e.digits, 1, length(e.digits) - e.exponent)
        || CASE WHEN e.exponent > 0 THEN '.' || substr(e.digits, -e.exponent) ELSE '' END AS amount,
    ifnull(e.minor, e.sign || ltrim(e.digits, '0')) AS amount_minor,
    substr(e.asset, 1, instr(e.asset, '/') - 1) AS currency,
    CASE WHEN e.leg < 2 THEN e.sign || substr(e.local_digits, 1, length(e.local_digits) - e.local_exponent)
        || CASE WHEN e.local_exponent > 0 THEN '.' || substr(e.local_digits, -e.local_exponent) ELSE '' END
        END AS local_amount,
    CASE WHEN e.leg < 2 THEN substr(e.local_asset, 1, instr(e.local_asset, '/') - 1) END AS local_currency,
    json_extract(p.counterparty, '$.name') AS counterparty_name,
    CASE json_extract(p.counterparty, '$.accountNumberFormat') WHEN 'IBAN'
        THEN json_extract(p.counterparty, '$.accountNumber') END AS counterparty_iban,
    CASE WHEN json_extract(p.counterparty, '$.bankIdentifierFormat') IN ('BIC', 'SWIFT_BIC')
        THEN json_extract(p.counterparty, '$.bankIdentifier') END AS counterparty_bic,
    json_extract(p.metadata, '$."std/label"') AS label,
    json_extract(p.metadata, '$."std/description"') AS reference,
    json_extract(p.metadata, '$."std/note"') AS note,
    json_extract(p.metadata, '$."std/category"') AS category,
    -- Once a payment, so that it adds up.
    CASE WHEN e.leg = (p.source IS NULL) THEN json_extract(p.metadata, '$."std/vat-amount"') END AS vat_amount,
    CASE WHEN e.leg = (p.source IS NULL) THEN json_extract(p.metadata, '$."std/vat-rate"') END AS vat_rate,
    CASE WHEN e.after < 0 THEN '-' ELSE '' END || substr(e.after_digits, 1, length(e.after_digits) - e.exponent)
        || CASE WHEN e.exponent > 0 THEN '.' || substr(e.after_digits, -e.exponent) ELSE '' END AS balance_after
FROM (
    SELECT *,
        replace(hex(zeroblob(max(0, exponent + 1 - length(abs(after))))), '00', '0') || abs(after) AS after_digits,
        CAST(substr(local_asset, instr(local_asset, '/') + 1) AS INTEGER) AS local_exponent,
        replace(hex(zeroblob(max(0, substr(local_asset, instr(local_asset, '/') + 1) + 1 - length(local)))), '00', '0')
            || local AS local_digits
    FROM (
        SELECT b.*,
            -- Of a conversion, each side is the other's.
            CASE WHEN b.leg = 1 AND p.type = 'CONVERSION' THEN p.amount ELSE json_extract(p.counter, '$.amount') END AS local,
            CASE WHEN b.leg = 1 AND p.type = 'CONVERSION' THEN p.asset ELSE json_extract(p.counter, '$.asset') END AS local_asset,
            -- Not known any more behind an amount that is too long for a number.
            CASE WHEN count(*) OVER so_far = count(b.minor) OVER so_far THEN o.opening + sum(b.minor) OVER so_far END AS after
        FROM _booked b
        JOIN payments p ON p.id = b.id
        LEFT JOIN _openings o ON o.install = b.install AND o.account = b.account AND o.asset = b.asset
        WINDOW so_far AS (PARTITION BY b.install, b.account, b.asset
            ORDER BY b.booked_on, b.booked_s, b.booked_at, p.created_s, p.created_n, b.id, b.leg)
    )
) e
JOIN payments p ON p.id = e.id
JOIN installs i ON i.id = e.install
LEFT JOIN accounts a ON a.install = e.install AND a.kind = 'account' AND a.reference = e.account;
CREATE VIEW v_changes AS SELECT
    c.seq,
    i.name AS install,
    c.kind,
    CASE c.kind WHEN 'payment' THEN p.reference
        WHEN 'balance' THEN b.account || '/' || b.kind || ifnull('/' || b.label, '')
            || '/' || substr(b.asset, 1, instr(b.asset, '/') - 1)
        ELSE a.reference END AS id,
    CASE WHEN c.is_gone THEN 'withdrawal' ELSE 'upsert' END AS change
FROM change_log c
JOIN installs i ON i.id = c.install
LEFT JOIN payments p ON c.kind = 'payment' AND p.id = c.record
LEFT JOIN balances b ON c.kind = 'balance' AND b.id = c.record
LEFT JOIN accounts a ON c.kind NOT IN ('payment', 'balance') AND a.id = c.record
WHERE coalesce(p.id, b.id, a.id) IS NOT NULL;
COMMIT;
