//! The mutants of the connector for the made-up Lindenbank: bugs that need a row with fees, a refund, an exchange, a mere
//! date, or balances of many kinds.

use crate::table::mutants;

mutants! {
    // M: fees
    FeesNegative {
        bug: "spells fees as negative numbers",
        story: "Stripe's `fee_details` next to Adyen's negative `commission`: the sign of the provider's ledger, passed on",
        fails: ["A5", "C5", "K1", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "H6", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M13", "M14", "M15", "N2"],
    }
    FeesTwice {
        bug: "counts each fee twice",
        story: "a fee as a field and as a line of the breakdown, both read",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M14", "N2"],
    }
    FeesForgotten {
        bug: "leaves fees out",
        story: "gross amounts that never match what the account moved",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M14", "N2"],
    }
    FeesTakenOff {
        bug: "gives the amount less the fees, and the fees as well",
        story: "net where gross is meant: whoever books both takes the fee twice",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M14", "N2"],
    }
    FeesInBareCode {
        bug: "gives the currency of a fee without its decimals",
        story: "`EUR` in one place and `EUR/2` in the other",
        fails: ["A5", "C5", "K1", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "H6", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M13", "M14", "M15", "N2"],
    }
    // M: the other side
    OtherSideAlways {
        bug: "gives every payment an amount on the other side, of the same currency where there is no other",
        story: "a field filled because it was there: every payment looks like an exchange",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M10", "M14", "N2"],
    }
    OtherSideForgotten {
        bug: "leaves out what was paid abroad",
        story: "a card payment of 17.33 USD that nobody can find by its receipt",
        fails: ["M2", "M10"],
    }
    SidesSwapped {
        bug: "takes what the other side got for the amount, and the amount for what it got",
        story: "`source` and `target` of an exchange the wrong way round",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M5", "M6", "M7", "M8", "M9", "M10", "M14", "N2"],
    }
    ExchangeIsPayout {
        bug: "takes an exchange for a payment to somebody",
        story: "money that only changed its currency counts as spent",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M5", "M6", "M7", "M8", "M10", "M14", "N2"],
    }
    ExchangeHalf {
        bug: "gives an exchange without what it brought",
        story: "one leg of two: the other currency comes out of nowhere",
        fails: ["C5", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "H6", "E5", "M1", "M2", "M3", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M14", "M15", "N2"],
    }
    // M: the payment that it belongs to
    RefundAlone {
        bug: "does not tell of which payment a refund is",
        story: "a refund that is an income like any other",
        fails: ["M1", "M2", "M3", "M4", "M5", "M6", "M11", "N2"],
    }
    RefundOfSeen {
        bug: "tells of which payment a refund is where that is on the same page",
        story: "a look-up in what was just read: the link is there or not by the size of the page",
        fails: ["M1", "M2", "M3", "M4", "M5", "M6", "M11", "N2"],
    }
    RefundByNumber {
        bug: "tells of which payment a refund is by the number in the provider's own table",
        story: "a foreign key passed on: a link that leads to no record",
        fails: ["M1", "M2", "M3", "M4", "M5", "M6", "M11", "N2"],
    }
    // M: dates
    DayIsInstant {
        bug: "does not say that only the date is known",
        story: "everything happened at midnight: reports by the hour, and matching by minutes",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M12", "M14", "N2"],
    }
    DayAtNoon {
        bug: "puts a mere date at noon",
        story: "the usual trick against time zones",
        fails: ["A5", "C5", "K1", "K4", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "H6", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M13", "M14", "M15", "N2"],
    }
    DayInBerlin {
        bug: "takes a mere date for midnight where the bank is",
        story: "22:00 of the day before: a month ends a day early",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M12", "M14", "N2"],
    }
    BookedIsChanged {
        bug: "gives the booking date as the time of the last change",
        story: "a made-up time decides which version is the present one",
        fails: ["C5", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "S1", "S2", "S3", "S4", "S5", "S7", "E5", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M14", "N2"],
    }
    // M: balances
    CreditIsAvailable {
        bug: "gives the credit line as available money",
        story: "two balances of one kind: the last one read is the balance",
        fails: ["K3", "M1", "M2", "M5", "M13"],
    }
    CreditWithoutWord {
        bug: "gives a balance of another kind without the provider's word for it",
        story: "`other`, and nobody knows what",
        fails: ["K1", "K3", "K4", "S2", "S5", "S6", "H6", "M1", "M2", "M5", "M13", "M14", "M15"],
    }
    ReservedIsPending {
        bug: "takes what is held back for what is on its way in",
        story: "a list of names matched by what sounds alike",
        fails: ["K3", "M1", "M2", "M5", "M13"],
    }
    CreditAlsoAvailable {
        bug: "gives the credit line once more, as available money, before what is available",
        story: "a list of names in which one stands twice: right as long as the other is read last",
        fails: ["K3", "M13"],
    }
    NothingPending {
        bug: "says that nothing is on its way in, where the bank says nothing of it",
        story: "a zero for what is not known",
        fails: ["K3", "M13"],
    }
    // H: what a person has to do
    ConsentIsForbidden {
        bug: "takes a consent that has ended for a resource that is not theirs to read",
        story: "PSD2: every ninety days a feed goes quiet, and nobody is told that a click would do",
        fails: ["H9"],
    }
    LinkInAction {
        bug: "passes on the provider's link to whoever has to act",
        story: "a link in an error is what phishing is made of: who controls one answer controls what the operator clicks",
        fails: ["H9"],
    }
    ForbiddenIsAction {
        bug: "asks a person to act at every refusal",
        story: "an alarm at each missing scope: after a week nobody reads it",
        fails: ["C4", "H3", "H9"],
    }
    // N: several requests at once
    RowsAsTheyCome {
        bug: "asks how some payments stand at once, and gives them in the order of the answers",
        story: "`buffer_unordered`: two polls of the same data differ, and of two versions of one row the slower one wins",
        fails: ["N4"],
    }
    // M: what becomes of a payment
    SuccessorUnsaid {
        bug: "withdraws a payment and does not say which one stands in its place",
        story: "a hold and its settlement side by side: nothing tells that they are one purchase",
        fails: ["M14"],
    }
    SuccessorIsItsPlace {
        bug: "says that every payment that is gone was replaced by the one before it",
        story: "a link guessed from the order of a list",
        fails: ["M14"],
    }
    BalanceOfMidnight {
        bug: "dates balances to the beginning of the day",
        story: "of two balances of a day, the first one is as new as the second",
        fails: ["M13"],
    }
}
