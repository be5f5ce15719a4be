//! The mutants of the Qonto connector: what is wrong with each, which real bug it stands for, and which checks must fail.

use crate::table::mutants;

mutants! {
    // A: what it says of itself
    SocketsImported {
        bug: "imports network sockets beside the contract",
        story: "an HTTP library that opens its own connections: a connector that phones around the host's egress rules",
        patch: [("wasi:random/insecure-seed", "wasi:sockets/udp-seed-now")],
        fails: ["A1"],
    }
    OtherContract {
        bug: "was built against version 0.3.0 of the contract",
        story: "a connector compiled against a newer SDK than the host runs",
        patch: [("payments:connector/connector@0.2.0", "payments:connector/connector@0.3.0")],
        fails: ["A1"],
    }
    DescribeReadsState {
        bug: "`describe` asks for the state",
        story: "a manifest that depends on whether the connector was installed before",
        fails: ["A2"],
    }
    DescribeAsksProvider {
        bug: "`describe` makes a request",
        story: "capability discovery at the provider: nothing can be shown without credentials and a network",
        fails: ["A2"],
    }
    SecretAsText {
        bug: "declares the API key as text",
        story: "Airbyte #15576, #16836: a connector whose specification forgot `airbyte_secret`, so that the key stood in logs",
        fails: ["A3", "A4", "X1", "X2"],
    }
    FieldUndocumented {
        bug: "a config field has no description",
        story: "Airbyte CAT had to add a check for it: forms with a bare `client_id` to fill in",
        fails: ["A3"],
    }
    FieldRenamed {
        bug: "renames a config field in a patch release",
        story: "Airbyte CAT, backward compatibility: a renamed field makes every stored config invalid",
        fails: ["A4"],
    }
    FieldNowRequired {
        bug: "makes an optional config field required in a patch release",
        story: "Airbyte CAT, backward compatibility: installs of yesterday do not start today",
        fails: ["A4", "C2"],
    }
    TaskRenamed {
        bug: "renames a task of the workflow in a patch release",
        story: "a task's name is part of the stream's identity: all states are lost and history is read again",
        fails: ["A4"],
    }
    // C: the config
    OptionalIsRequired {
        bug: "refuses a config without the optional staging token",
        story: "Formance Payments, Qonto connector: `name` is required, and not in the documented table",
        fails: ["A4", "C1", "Q1"],
    }
    MissingFieldTraps {
        bug: "panics when a required field is missing",
        story: "an unwrap on the config",
        fails: ["C2", "C3"],
    }
    MissingFieldUnnoticed {
        bug: "goes on without the login, and asks the provider",
        story: "a default of \"\" for what has no default: the operator reads \"unauthorized\" and doubts the key",
        fails: ["C2", "C3"],
    }
    WrongTypeTraps {
        bug: "panics when a field has another type than declared",
        story: "a cast of a JSON value, as in config readers of dynamic languages",
        fails: ["C2", "C3"],
    }
    LineBreakInjects {
        bug: "a line break in the login becomes a header of its own",
        story: "header injection, as in HTTP clients before they checked values; Formance da93d503 tightened config validation",
        fails: ["C3"],
    }
    PageSizeUnchecked {
        bug: "divides by the page size without a look",
        story: "a page size of 0 from a form left empty",
        fails: ["P2"],
    }
    CheckAlwaysFine {
        bug: "the connection check asks nobody and says yes",
        story: "Airbyte: a `check` that only parses the config; the wrong key shows at the first sync",
        fails: ["C2", "C3", "C4", "C6", "Q1", "Q6"],
    }
    CheckTwice {
        bug: "the connection check makes two requests",
        story: "a check that reads a page of everything: a wrong key costs several refusals",
        fails: ["C4"],
    }
    ErrorsAlike {
        bug: "every failure is `other`",
        story: "an unclassified error is retried for ever and nobody is told to act (Formance Payments, Qonto connector)",
        fails: ["C2", "C3", "C4", "K3", "S5", "H1", "H2", "H3", "H4", "H9", "M15", "Q1", "Q6"],
    }
    SinceIsTheNextDay {
        bug: "begins a day after the time from which it is to read",
        story: "`>` instead of `>=` on a date: the first day of every import is missing, and nobody looks there",
        fails: ["C5"],
    }
    SubjectIsLogin {
        bug: "says that the data is that of whoever logs in",
        story: "the user id of the token: a key that was moved to another company goes on filling the books of the first",
        fails: ["C6"],
    }
    SubjectIsName {
        bug: "takes the name of the organization for its identifier",
        story: "a company that changes its name is another one, and all of it stops",
        fails: ["C6"],
    }
    SubjectIsFirstAccount {
        bug: "takes the first account's identifier for that of the organization",
        story: "an API that has no company object, and a connector that takes what it finds",
        fails: ["C6"],
    }
    SubjectUnsaid {
        bug: "does not say whose data it is",
        story: "a key pasted into the wrong install mixes two companies, and nobody notices for a month",
        fails: ["C6"],
    }
    // K: capabilities and workflow
    CapabilityNotThere {
        bug: "declares a capability and answers `unsupported`",
        story: "a capability declared before it was written",
        fails: ["A5", "K1", "K4", "S1", "S2", "S5", "S6", "H6", "M2", "M5", "M13", "M14", "M15", "Q1", "Q5", "Q6"],
    }
    CapabilityWithoutRows {
        bug: "declares a capability and never returns a row",
        story: "a stub that was never filled in",
        fails: ["A5", "K1", "S1", "M5", "Q3", "Q5"],
    }
    CapabilityUndeclared {
        bug: "does what it does not declare",
        story: "Formance 0feb74d2, \"fix missing capabilities\"",
        fails: ["A4", "K2"],
    }
    TasksOfOneName {
        bug: "two tasks have the same name",
        story: "two streams share one state, and each overwrites the other's",
        fails: ["A4", "K2"],
    }
    ChildBeforeParent {
        bug: "a task runs below a task that comes later",
        story: "a workflow tree edited by hand, with a cycle in it",
        fails: ["A4", "K2"],
    }
    ParentTraps {
        bug: "panics when the parent is not as it wrote it",
        story: "a payload of an older version, or edited by hand",
        fails: ["K3"],
    }
    ParentByRaw {
        bug: "believes the parent's payload, whatever its reference says",
        story: "a payload of another account: that account's rows are stored here",
        fails: ["K3"],
    }
    FirstAccountOnly {
        bug: "reads the first account, whichever it is asked for",
        story: "an account id that is ignored: the \"default account\" of an SDK",
        fails: ["C5", "K3", "K4", "S1", "S2", "S7", "H6", "M2", "M3", "M5", "N2", "Q5", "Q6"],
    }
    ThirtyDaysOnly {
        bug: "the first poll reads the last thirty days of the host's clock",
        story: "a default start date: history before the install never comes",
        fails: ["K4", "M6", "M7", "M8", "M14", "Q1", "Q2", "Q4"],
    }
    UnchangedOmitted {
        bug: "reports an account again only when it changed, and declares that it reports all",
        story: "an incremental list under the flag of a full one: whoever marks what is missing deletes the quiet accounts",
        fails: ["K5", "S5"],
    }
    // P: pagination
    PageKept {
        bug: "keeps the page number across polls",
        story: "Formance Payments, Qonto connector, beneficiaries: the page is incremented on every idle poll, and later rows are never seen",
        fails: ["C5", "P2", "P3", "P4", "P5", "P7", "P8", "S2", "S3", "S5", "M1", "M3", "M4", "M7", "M8", "N2", "Q2", "Q3", "Q4"],
    }
    PageAfterTie {
        bug: "goes to the next page when the newest rows share an instant",
        story: "Formance Payments, Qonto connector, payments: with a burst of new rows after an idle poll, 98 of 120 are lost",
        fails: ["P2", "P3", "P4", "P5", "P7", "P8", "S3", "S5", "H7", "H10", "M3", "N2", "Q3", "Q4"],
    }
    PagesByNumber {
        bug: "counts pages from a fixed bound while rows move",
        story: "Airbyte, Singer and dlt alike: ten rows leave the head during a read, ten are lost",
        fails: ["P2", "P3", "P6", "P8", "P9", "S1", "S5", "H7", "H10", "N2", "Q3", "Q4"],
    }
    FollowsNextBlindly {
        bug: "follows `next_page` wherever it leads",
        story: "airbyte-source-qonto, Airbyte CDK, Singer: a next page that is the same page makes the sync endless",
        fails: ["P2", "P3", "P6", "P8", "P9", "S1", "S5", "H7", "H10", "N2", "Q3", "Q4"],
    }
    CurrentPageIgnored {
        bug: "does not look which page came",
        story: "qonto-mcp-server #14: the page parameter was misnamed, and page 1 came for ever",
        fails: ["Q3"],
    }
    AsksPastTheEnd {
        bug: "asks for one page more when the last one is full",
        story: "a loop on \"fewer rows than asked\": Qonto answers 422 beyond the end, when there are 100, 200, … rows",
        fails: ["C5", "P1", "P2", "P4", "P5", "P6", "S1", "S6", "M1", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M15", "N2", "Q2", "Q3", "Q4", "Q6"],
    }
    FirstPageOnly {
        bug: "reads the first page only",
        story: "dlt #2586: a paginator that was not inherited, one page and no error",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "S1", "S2", "S3", "S4", "S5", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M14", "N2", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7"],
    }
    EmptyPageIsEnd {
        bug: "takes an empty page for the end, whatever follows",
        story: "Airbyte, Singer and dlt alike: one transient empty page, 100 to 300 rows lost, exit 0",
        fails: ["P3", "P8"],
    }
    ShortPageIsEnd {
        bug: "takes a page with fewer rows than asked for the end",
        story: "a server that filters after paging, or caps its pages",
        fails: ["P3", "P4", "P8", "P9", "M8", "N2", "Q3", "Q4"],
    }
    OverfetchTrimmed {
        bug: "drops the rows beyond those it asked for",
        story: "Formance, Wise connector (c0567b41): rows beyond the page size were cut off and the state went on",
        fails: ["P3", "P8", "E5"],
    }
    BufferOfFifty {
        bug: "keeps at most fifty rows of a page",
        story: "a fixed buffer: right at the default page size, wrong at the largest",
        fails: ["P2", "S4", "E5", "Q3"],
    }
    BigPageTraps {
        bug: "panics at a page of more than a hundred rows",
        story: "a buffer of a fixed size: the provider's limit of rows was taken for a law",
        fails: ["E5"],
    }
    TieSkipped {
        bug: "goes on behind the newest instant, not at it",
        story: "Formance 998ec0ac, Airbyte #15427: a strict `>` on the cursor loses rows of the same instant",
        fails: ["P2", "P3", "P4", "P7", "P8", "P9", "M8", "N2", "Q3", "Q4"],
    }
    FromTakenAsInclusive {
        bug: "asks from exactly the newest instant",
        story: "Qonto nowhere says whether `updated_at_from` includes it",
        fails: ["P8", "Q4"],
    }
    NoOverlap {
        bug: "goes on at the newest row, without an overlap",
        story: "Airbyte #80152: rows that become visible late lie behind the cursor",
        fails: ["P7", "S3", "N2", "Q4"],
    }
    TotalIgnored {
        bug: "does not compare what came with the total",
        story: "airbyte-source-qonto: 300 of 500 rows lost, exit 0",
        fails: ["P3", "P4", "P8", "P9", "M8", "N2", "Q3", "Q4"],
    }
    ReadsByCreation {
        bug: "filters and sorts by another time than that of the last change",
        story: "Formance, Modulr connector (0df286ba): the cursor was of another field than the filter",
        fails: ["P2", "P3", "P6", "P8", "P9", "S1", "S5", "H7", "H10", "N2", "Q3", "Q4"],
    }
    SearchLimitIsEnd {
        bug: "takes \"search limit reached\" for the end",
        story: "an account with more than 10 000 rows is imported in part, or not at all",
        fails: ["Q3"],
    }
    // S: state
    AheadOfItsPages {
        bug: "keeps the place to go on from before it gave the rows up to it",
        story: "Formance implementation rules (#787): \"do not advance a watermark past dropped data\"",
        fails: ["S1", "S2"],
    }
    WatermarkIsNow {
        bug: "keeps the time of the poll as the place to go on from",
        story: "a cursor of the wall clock: what the provider dates earlier and shows later is lost",
        fails: ["P3", "P6", "P7", "P8", "S2", "S3", "S4", "S5", "H6", "H7", "H10", "H11", "E5", "M7", "N2", "Q4"],
    }
    StartsOverEachPoll {
        bug: "reads everything again at each poll",
        story: "a full refresh under the name of an incremental one (airbyte-source-qonto 0.2.22)",
        fails: ["S2", "S5", "H6", "N3"],
    }
    PollsCounted {
        bug: "counts the polls in the state",
        story: "a state that changes without news: nobody can tell whether there were any",
        fails: ["S2", "N2"],
    }
    ClockInState {
        bug: "keeps the time of each call in the state",
        story: "the same: a `last_run` in the state",
        fails: ["S2"],
    }
    IdsKept {
        bug: "keeps every identifier ever seen in the state",
        story: "deduplication by a list that grows until the host refuses it",
        fails: ["S4", "E4"],
    }
    BadStateIsEmpty {
        bug: "answers a state it cannot read with \"nothing new\"",
        story: "a caught exception: the stream is silent for ever",
        fails: ["S5"],
    }
    BadStateTraps {
        bug: "panics on a state it cannot read",
        story: "an unwrap on what an older version wrote",
        fails: ["S5"],
    }
    UpdateIsCreation {
        bug: "an edited payment keeps the time of its creation as that of its last change",
        story: "Formance ef559198: of two deliveries out of order, the stale one wins",
        fails: ["P6", "S1", "E5", "M8", "N2"],
    }
    OncePerPoll {
        bug: "gives each payment once a poll, also when it changed meanwhile",
        story: "a deduplication by id alone: the edit of a row during a long read is lost",
        fails: ["P6", "S1", "N2"],
    }
    // H: HTTP
    Retries429 {
        bug: "asks again at once when the provider says \"too many\"",
        story: "an HTTP client with retries switched on by default",
        fails: ["C4", "H1"],
    }
    Spins429 {
        bug: "waits inside the call when the provider says \"too many\"",
        story: "dlt honours Retry-After by blocking; a connector has no business waiting",
        fails: ["C4", "H1"],
    }
    RetryAfterIgnored {
        bug: "does not pass on how long the provider asks to wait",
        story: "Formance Payments, Qonto connector: no Retry-After, 5 s always; three of the four tools measured ignore it",
        fails: ["H1"],
    }
    RateLimitIsFinal {
        bug: "takes \"too many\" for a final refusal",
        story: "a catch-all for 4xx: one busy minute fails the run",
        fails: ["C4", "H1"],
    }
    FailureIsEmpty {
        bug: "takes a failed transfer for an empty page",
        story: "a caught exception around the request: rows lost, exit 0",
        fails: ["C4", "S7", "H2", "H4", "H7", "H10", "N2"],
    }
    UnavailableIsFinal {
        bug: "takes an outage for a final refusal",
        story: "a provider that restarts fails the connector until a person acts",
        fails: ["C4", "H1", "H2", "H4"],
    }
    Retries401 {
        bug: "repeats a request that was refused as unauthorized",
        story: "Qonto throttles the address for everyone after 200 of them in an hour",
        fails: ["C4", "H3", "Q6"],
    }
    RetriesRefusals {
        bug: "repeats requests that were refused for good",
        story: "retries on any error",
        fails: ["C4", "H3"],
    }
    UnauthorizedIsPassing {
        bug: "takes wrong credentials for an outage",
        story: "the host repeats for ever what only a person can repair",
        fails: ["C4", "H3", "Q1", "Q6"],
    }
    RefusalIsEmpty {
        bug: "takes \"forbidden\" and \"not found\" for an empty page",
        story: "a missing scope reads as an empty account",
        fails: ["C4", "H3", "H7", "H8", "H9", "H10", "Q6"],
    }
    CodeDropped {
        bug: "keeps nothing of the provider's own error",
        story: "\"request failed\": a support case that nobody can follow up",
        fails: ["H1", "H3"],
    }
    CodeInSuccessDropped {
        bug: "keeps nothing of an error that the provider tells with status 200",
        story: "\"no list came\", where the body says why: GraphQL and gateways answer so",
        fails: ["H3"],
    }
    ErrorInDebugForm {
        bug: "tells an outage as a value of the program",
        story: "Some(\"connection refused\") in an operator's mail",
        fails: ["H2"],
    }
    HtmlIsEmpty {
        bug: "takes an HTML page with status 200 for an empty list",
        story: "airbyte-source-qonto, Airbyte CDK: 300 of 500 rows lost, exit 0",
        fails: ["C4", "S7", "H4", "H7", "H10", "Q1"],
    }
    MissingListIsEmpty {
        bug: "takes an answer without its list for an empty list",
        story: "all four tools measured: `{\"errors\": […]}` with status 200, 300 of 500 rows lost, exit 0",
        fails: ["H4"],
    }
    TruncatedIsSalvaged {
        bug: "keeps the whole rows of an answer that broke off",
        story: "airbyte-source-qonto, Airbyte CDK: truncated JSON with status 200, 300 of 500 rows lost, exit 0",
        fails: ["H4", "H10"],
    }
    BrokenTextRepaired {
        bug: "repairs text that is not UTF-8",
        story: "names and references with � in them, for good",
        fails: ["H4"],
    }
    FollowsRedirects {
        bug: "follows redirects, credentials included",
        story: "Formance Payments, Qonto connector: credentials set in a transport are sent again to wherever a redirect leads",
        fails: ["H5", "E1", "N2", "Q1"],
    }
    OneLaneStopsAll {
        bug: "gives up on an account when the payments of one status cannot be read",
        story: "Formance #781: one thing that fails freezes what has nothing to do with it",
        fails: ["H7", "H10"],
    }
    GapsSwallowed {
        bug: "does not tell which payments it could not read",
        story: "a caught exception for each list: the sync is green, and a third of the books is missing",
        fails: ["P3", "P8", "H2", "H3", "H4", "H5", "H7", "H9", "H10", "N2", "Q3", "Q4"],
    }
    LookUpIgnored {
        bug: "says nothing of an open payment that it could not ask for",
        story: "a `continue` in the loop: the payment stays pending for ever, and every sync is green",
        fails: ["H7", "H8", "H10"],
    }
    LookUpFailedIsGone {
        bug: "takes an open payment that it could not ask for as gone",
        story: "an outage of a minute cancels what was on its way: `None` for \"not there\" and for \"no answer\" alike",
        fails: ["H7", "H8", "H10"],
    }
    GapsDated {
        bug: "says in each gap when it was tried",
        story: "an alert that is another one each hour: nobody sees that it is the same since Monday",
        fails: ["H11"],
    }
    NoUserAgent {
        bug: "does not say who asks",
        story: "a provider cannot tell a broken client from an attack, and blocks both",
        fails: ["H6"],
    }
    AsksTwice {
        bug: "asks for the organization before each page",
        story: "a client that \"refreshes its session\" at every request",
        fails: ["S2", "H1", "H2", "H3", "H4", "H5", "H6", "Q6"],
    }
    TurnInFollow {
        bug: "keeps in a state that `follow-payments` sets which half of the payments it asks for next",
        story: "a state that is set where it is ignored: half of what is open is never asked for",
        fails: ["M8", "M14"],
    }
    // E: egress, sandbox, limits
    CallsHome {
        bug: "calls a host that the config does not name, and hides that it failed",
        story: "telemetry in a dependency",
        fails: ["K1", "K4", "S1", "S2", "S5", "S6", "H6", "E1", "M2", "M5", "M13", "M14", "M15", "Q1", "Q3", "Q5", "Q6"],
    }
    ReadAtInMetadata {
        bug: "puts the time of its own clock into each payment",
        story: "a clock is not part of the contract: no two runs give the same",
        fails: ["E2"],
    }
    LanguageInMetadata {
        bug: "what it gives depends on the environment",
        story: "a locale that decides how numbers are written",
        fails: ["E2"],
    }
    HashOrder {
        bug: "returns rows in the order of a hash map",
        story: "Formance 09b4bd2e: iteration over a map",
        fails: ["E2", "N1"],
    }
    MemoryHog {
        bug: "takes 40 MiB for every call",
        story: "a buffer for the largest answer imaginable",
        fails: ["E3"],
    }
    MemoryPerPage {
        bug: "takes more memory with every row it has ever read",
        story: "an index of the past, rebuilt for every call",
        fails: ["S4", "E4", "N3"],
    }
    WorkPerPage {
        bug: "computes longer with every row it has ever read",
        story: "a comparison with all rows before: quadratic",
        fails: ["E4", "N3"],
    }
    HeaderNotGranted {
        bug: "sends a forwarding header that its manifest does not list",
        story: "request smuggling's little sister: a gateway believes the header, and answers for another caller",
        fails: ["A5", "K1", "K4", "S1", "S2", "S5", "S6", "H6", "E1", "M2", "M5", "M13", "M14", "M15", "Q1", "Q5", "Q6"],
    }
    PathNotGranted {
        bug: "asks for a path that its manifest does not list",
        story: "a connector that was approved for balances and reads the payroll",
        fails: ["A5", "K1", "K4", "S1", "S2", "S5", "S6", "H6", "E1", "M2", "M5", "M13", "M14", "M15", "Q1", "Q5", "Q6"],
    }
    AsksForMore {
        bug: "lists a request that it never makes",
        story: "permissions of mobile apps: asked for once, for a feature that was never written",
        fails: ["A4", "A5"],
    }
    // X: secrets and personal data
    KeyInUrl {
        bug: "declares the key as text and puts it into a URL",
        story: "an API that takes `?api_key=`: it ends up in the logs of every proxy",
        fails: ["A3", "A4", "H6", "X1", "X2", "X3"],
    }
    KeyInError {
        bug: "declares the key as text and puts it into the text of an error",
        story: "Airbyte CDK 7.39.1: a 401 whose body echoes the key was printed",
        fails: ["A3", "A4", "X1", "X2"],
    }
    ConfigLogged {
        bug: "declares the key as text and logs its whole config",
        story: "\"starting with config …\": Airbyte #3177, #5522",
        fails: ["A3", "A4", "X1", "X2"],
    }
    KeyInRecord {
        bug: "declares the key as text and puts it into the metadata of an account",
        story: "a debugging aid that stayed",
        fails: ["A3", "A4", "X1", "X2"],
    }
    AnswerQuoted {
        bug: "declares the key as text and quotes what the provider says",
        story: "a provider that echoes the credential: the key is in log and error, and the host cannot know it for one",
        fails: ["A3", "A4", "X1", "X2", "X3"],
    }
    IbanLogged {
        bug: "logs the IBAN of each account",
        story: "personal data in a log that is kept and shipped elsewhere",
        fails: ["X3"],
    }
    CounterpartyLogged {
        bug: "logs account numbers of the other parties",
        story: "the same, of people who are not even customers",
        fails: ["X3"],
    }
    // M: money, time, mapping
    FloatMoney {
        bug: "computes amounts in floating point",
        story: "Airbyte, Singer and dlt alike: 90071992547409.93 became …409.94",
        fails: ["M1"],
    }
    ContradictionIgnored {
        bug: "takes the cents where cents and decimal contradict each other",
        story: "Formance, Increase connector (e55050c1): minor units taken for major ones",
        fails: ["M1", "Q7"],
    }
    HundredOfEverything {
        bug: "every currency has two decimals",
        story: "yen a hundredfold, dinars a tenth; Formance Payments, Qonto connector: a table that knows EUR only",
        fails: ["M2", "M9", "M10"],
    }
    LocalAmountTaken {
        bug: "takes the amount in the currency of the purchase for that of the account",
        story: "a card payment abroad: 100 USD booked as 100 EUR",
        fails: ["M2", "M4", "M9", "M10", "Q7"],
    }
    UnknownCurrencyFails {
        bug: "fails the page on a currency it does not know",
        story: "Formance #781: one row freezes the stream",
        fails: ["M2"],
    }
    RejectedFails {
        bug: "fails the page on a row it cannot map",
        story: "a poison record: everything behind it never comes",
        fails: ["M1", "M2", "M4", "M6", "Q7"],
    }
    RejectedDropped {
        bug: "drops the rows it cannot map and says nothing",
        story: "a `continue` in the loop: the books do not balance and nobody knows why",
        fails: ["M1", "M2", "M4", "M6", "Q7"],
    }
    DirectionByKind {
        bug: "direction by the kind of operation; the own account is always the source",
        story: "Formance Payments, Qonto connector: card refunds and deposits of cheques are payouts",
        fails: ["M1", "M2", "M3", "M4", "M5", "M6", "N2", "Q7"],
    }
    UnknownStatusFails {
        bug: "fails the page on a status it does not know",
        story: "qontoctl dce0e81: an enumeration had to be widened before anything could be read",
        fails: ["M4", "Q7"],
    }
    UnknownKindFails {
        bug: "fails the page on a kind of operation it does not know",
        story: "Formance Payments, Qonto connector: DirectDebitHold freezes the whole account",
        fails: ["M4", "Q7"],
    }
    UnknownKindDropped {
        bug: "drops payments of a kind it does not know",
        story: "the quiet form of the same",
        fails: ["M4", "Q7"],
    }
    NullIsZero {
        bug: "takes what is missing for zero, and a missing currency for the euro",
        story: "Formance Payments, Qonto connector: null becomes 0 and \"\"",
        fails: ["M1"],
    }
    NullIsText {
        bug: "writes \"null\" where there is nothing",
        story: "string formatting of an absent value",
        fails: ["M4"],
    }
    RawRewritten {
        bug: "`raw` is JSON written anew, not the provider's bytes",
        story: "Formance Payments, Qonto connector: a re-marshalled struct, in which unknown fields vanish",
        fails: ["M5", "M15"],
    }
    PlaceIsId {
        bug: "the identifier of a payment is its place on the page",
        story: "an API without ids, read as if order were identity",
        fails: ["C5", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M14", "N2", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7"],
    }
    NewIdOnEdit {
        bug: "an edited payment gets another identifier",
        story: "Actual #8932, #3138; Firefly #9268, #9335: pending and booked stand side by side",
        fails: ["P6", "S1", "E5", "M5", "M8", "N2", "Q4"],
    }
    CardIsId {
        bug: "the identifier of a card payment is that of the card",
        story: "payments by one card overwrite each other",
        fails: ["C5", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M14", "N2", "Q7"],
    }
    FractionLost {
        bug: "cuts the fraction of seconds off",
        story: "two edits within a second: neither is newer",
        fails: ["C5", "P6", "S4", "M6", "N2"],
    }
    OffsetFails {
        bug: "fails the page on a time with an offset",
        story: "Formance 404d4ed1; Formance Payments, Qonto connector: an unclassified error, repeated for ever",
        fails: ["M6"],
    }
    LocalTimeIsUtc {
        bug: "takes a local time without an offset for UTC",
        story: "an hour or two off, and another day at night",
        fails: ["M6"],
    }
    NoTimeIsEpoch {
        bug: "a payment without a time is of 1970",
        story: "the zero value of a time",
        fails: ["M6"],
    }
    LeapSecondTraps {
        bug: "panics on second 60",
        story: "2016-12-31T23:59:60Z",
        fails: ["M6"],
    }
    FutureDropped {
        bug: "drops payments that the host's clock has not reached",
        story: "a host whose clock is behind loses them for good, since the state goes on",
        fails: ["P6", "M7", "N2"],
    }
    AmountFrozen {
        bug: "a settled payment keeps the amount it had when it was pending",
        story: "Formance Payments, Qonto connector: a tip or a fuel bill changes the amount at settlement",
        fails: ["M8", "N2"],
    }
    EditsDropped {
        bug: "gives a payment again only when its status changes",
        story: "Formance Payments, Qonto connector: labels, notes and corrected amounts never arrive",
        fails: ["P6", "S1", "S4", "E5", "M8", "N2", "Q4"],
    }
    PendingForEver {
        bug: "never looks for pending payments that left the list",
        story: "Formance Payments, Qonto connector: a reversed pending payment stays pending",
        fails: ["A5", "M8", "M14"],
    }
    WithdrawnForgotten {
        bug: "does not report pending payments that the provider dropped",
        story: "the same: an authorisation that lapsed",
        fails: ["M8", "M14"],
    }
    NumberIsReference {
        bug: "gives the account number of the other party as the reference of its account",
        story: "an IBAN where an identifier is meant: a link that leads to no record",
        fails: ["M15"],
    }
    // N: several requests at once
    RoomInState {
        bug: "keeps in the state how many requests it may have at once",
        story: "a checkpoint that holds the pool's size: whoever turns it down reads everything again",
        fails: ["N4"],
    }
    OneLaneIfOneAtATime {
        bug: "reads settled payments only where it may make one request at a time",
        story: "lanes shared out among workers: with one worker there is one lane",
        fails: ["N2", "N4"],
    }
    // Q: Qonto
    BearerToken {
        bug: "asks for the key to be sent as a bearer token",
        story: "the habit of other APIs",
        fails: ["A4", "C1", "C4", "C5", "C6", "K1", "K3", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "H6", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M13", "M14", "M15", "N2", "Q1", "Q2", "Q3", "Q4", "Q5", "Q7"],
    }
    StagingTokenAlways {
        bug: "asks for the sandbox's token to be sent to production",
        story: "a header with a default",
        fails: ["A4", "Q1"],
    }
    LoginPageIsMalformed {
        bug: "takes the sandbox's login page for a broken answer",
        story: "the operator looks for an outage, and a token is missing",
        fails: ["Q1"],
    }
    CompletedOnly {
        bug: "asks for settled payments only",
        story: "Qonto's default filter: pending and declined ones never come",
        fails: ["A5", "C5", "P2", "P3", "P4", "P6", "P7", "P8", "P9", "S1", "S2", "S3", "S4", "S5", "S7", "M3", "M8", "M14", "N2", "Q2", "Q3", "Q4", "Q7"],
    }
    AllStatusesAtOnce {
        bug: "asks for several statuses in one request",
        story: "an observation of 2025: \"despite taking an array, Qonto only returns 1 status\"",
        fails: ["S2", "H6", "Q2"],
    }
    LegacyBeneficiaries {
        bug: "asks the list of beneficiaries that Qonto has switched off, and takes \"gone\" for none",
        story: "Formance Payments, Qonto connector: `/v2/beneficiaries` is past its sunset",
        fails: ["A5", "K1", "S1", "H4", "M5", "Q3", "Q5"],
    }
    SepaOnly {
        bug: "does not ask for international beneficiaries",
        story: "the replacement of one list by two, half done",
        fails: ["A5", "Q5"],
    }
    RowsWithoutIbanDropped {
        bug: "drops beneficiaries without an IBAN",
        story: "Formance Payments, Qonto connector: those in the US and the UK are logged and dropped while the watermark moves on",
        fails: ["Q5"],
    }
    SameIbanCollapsed {
        bug: "of two beneficiaries with one IBAN keeps the first",
        story: "Formance Payments, Qonto connector: the reference is made of IBAN and BIC, and masked ones are all alike",
        fails: ["Q5"],
    }
    ClosedAccountsDropped {
        bug: "drops closed accounts",
        story: "their history is still readable, and still asked for by auditors",
        fails: ["Q5"],
    }
    BookedOnly {
        bug: "gives the booked balance only",
        story: "Formance Payments, Qonto connector: `authorized_balance_cents` is ignored",
        fails: ["M1", "M2", "M5", "M13", "Q5"],
    }
    CaseMatters {
        bug: "knows kinds of operation in one spelling only",
        story: "Qonto's pages show `Transfer` here and `transfer` there",
        fails: ["Q7"],
    }
}
