//! The market of the world: companies and labs that brought credit in, what they listed of it, and
//! what was bought.
//! Pure: the stage plays it.

use bursar_kernel::{Origin, Timestamp};
use jiff::SignedDuration;

use super::people::RESEARCHER;
use super::story::Step;

/// The program that credit is brought in under.
pub(super) const PROGRAM: &str = "brought-in-credit";
/// What it is given, in dollars: what all of them brought in.
pub(super) const FUNDED_DOLLARS: i64 = 40_000;

/// Somebody who brought credit in.
#[derive(Debug)]
pub(super) struct Holder {
    /// Their address.
    pub(super) email: &'static str,
    /// Their name.
    pub(super) name: &'static str,
    /// What the credit is called.
    pub(super) title: &'static str,
    /// Where it comes from.
    pub(super) origin: Origin,
    /// How much, in dollars.
    pub(super) dollars: i64,
    /// Days before the present on which it was brought in.
    brought_in: i64,
    /// Days after the present on which it expires.
    pub(super) expires_in: i64,
    /// What they listed, if they did.
    pub(super) listed: Option<Listed>,
}

/// What somebody listed.
#[derive(Debug)]
pub(super) struct Listed {
    /// How much, in dollars.
    pub(super) dollars: i64,
    /// The price, in percent of face value.
    pub(super) percent: u32,
    /// The least that is sold at a time, in dollars.
    pub(super) minimum: i64,
    /// Which clause or contract lets them sell it.
    pub(super) reference: &'static str,
    /// Days before the present.
    days_ago: i64,
}

/// Something that was bought.
#[derive(Debug)]
pub(super) struct Purchase {
    /// Whose listing, by its place among the holders.
    pub(super) from: usize,
    /// The buyer's address.
    pub(super) email: &'static str,
    /// The buyer's name.
    pub(super) name: &'static str,
    /// How much credit, in dollars.
    pub(super) dollars: i64,
    /// The reference of the bank transfer that paid for it.
    pub(super) reference: &'static str,
    /// Days before the present.
    days_ago: i64,
}

/// Who brought credit in.
pub(super) const HOLDERS: [Holder; 5] = [
    Holder {
        email: "treasury@tallow-finch.example",
        name: "Tallow & Finch Analytics",
        title: "Rest of the 2026 commitment",
        origin: Origin::Enterprise,
        dollars: 24_000,
        brought_in: 58,
        expires_in: 295,
        listed: Some(Listed {
            dollars: 12_500,
            percent: 55,
            minimum: 50,
            reference: "Order form of March 2026, section 4.2: unused commitment may be assigned",
            days_ago: 41,
        }),
    },
    Holder {
        email: "founders@quiet-harbor.example",
        name: "Quiet Harbor Labs",
        title: "Startup credit, after a change of plans",
        origin: Origin::StartupGrant,
        dollars: 5_000,
        brought_in: 33,
        expires_in: 96,
        listed: Some(Listed {
            dollars: 1_800,
            percent: 38,
            minimum: 25,
            reference: "Credit letter of May 2026, paragraph 6: assignable with notice, given",
            days_ago: 19,
        }),
    },
    Holder {
        email: "lab.office@veldkamp-institute.example",
        name: "Veldkamp Institute, lab office",
        title: "Prepaid balance of a finished project",
        origin: Origin::Prepaid,
        dollars: 900,
        brought_in: 12,
        expires_in: 340,
        listed: Some(Listed {
            dollars: 240,
            percent: 68,
            minimum: 10,
            reference: "Purchase agreement of November 2026, section 9: transfer with consent",
            days_ago: 5,
        }),
    },
    // The researcher's own: a balance that may be sold, beside a grant that may not.
    Holder {
        email: RESEARCHER,
        name: "",
        title: "Prepaid balance of the department",
        origin: Origin::Prepaid,
        dollars: 300,
        brought_in: 30,
        expires_in: 210,
        listed: None,
    },
    // And one that nobody touches, three weeks before it is lost.
    Holder {
        email: RESEARCHER,
        name: "",
        title: "Rest of the faculty's commitment",
        origin: Origin::Enterprise,
        dollars: 420,
        brought_in: 64,
        expires_in: 21,
        listed: None,
    },
];

/// What was bought.
pub(super) const PURCHASES: [Purchase; 2] = [
    Purchase {
        from: 0,
        email: "evals@lantern-reading.example",
        name: "Lantern Reading Cooperative",
        dollars: 500,
        reference: "SEPA 2026-7741",
        days_ago: 27,
    },
    Purchase {
        from: 1,
        email: "evals@lantern-reading.example",
        name: "Lantern Reading Cooperative",
        dollars: 320,
        reference: "SEPA 2026-8102",
        days_ago: 8,
    },
];

/// Every step of the market, at its instant.
pub(super) fn steps(now: Timestamp) -> impl Iterator<Item = (Timestamp, Step)> {
    let ago = move |days: i64, minutes: i64| {
        now - SignedDuration::from_hours(days * 24) + SignedDuration::from_mins(minutes)
    };
    let holders = HOLDERS.iter().enumerate().flat_map(move |(index, holder)| {
        let brought = (ago(holder.brought_in, 17), Step::BringIn(index));
        let listed = holder.listed.as_ref();
        let listed = listed.map(|listed| (ago(listed.days_ago, 64), Step::List(index)));
        [Some(brought), listed].into_iter().flatten()
    });
    let purchases = PURCHASES.iter().enumerate();
    let purchases = purchases
        .map(move |(index, purchase)| (ago(purchase.days_ago, 131), Step::Purchase(index)));
    holders.chain(purchases)
}
