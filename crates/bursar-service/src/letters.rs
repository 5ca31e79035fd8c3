//! Letters: what people are told by mail. Plain text; a link never changes anything by itself.

use bursar_kernel::{MailId, Timestamp, Usd};
use bursar_market::Trade;
use bursar_store::rows::Mail;

use crate::entropy;

/// A letter before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

impl Letter {
    /// The letter in the outbox.
    pub fn to(self, email: &str, now: Timestamp) -> Mail {
        Mail {
            id: MailId::new(now, entropy::draw()),
            to: email.to_owned(),
            subject: self.subject,
            body: self.body,
            created_at: now,
            sent_at: None,
        }
    }
}

pub(crate) fn sign_in(url: &str) -> Letter {
    Letter {
        subject: "Your sign-in link".to_owned(),
        body: format!(
            "Open this link to sign in:\n\n{url}\n\n\
             It works once, for half an hour. If you did not ask for it, leave it: without a \
             click on the page behind it nothing happens.\n"
        ),
    }
}

pub(crate) fn submitted(program: &str, url: &str, round: &str, review: &str) -> Letter {
    Letter {
        subject: format!("Your application to {program} has arrived"),
        body: format!(
            "Your application to {program} has arrived.\n\n\
             It goes to the {round} round. The review runs {review}; you will hear when it is \
             over, and the status stays the same until then.\n\n\
             Read it or take it back here:\n{url}\n"
        ),
    }
}

pub(crate) fn awarded(
    program: &str,
    amount: Usd,
    reasons: &str,
    delivery: &str,
    url: &str,
) -> Letter {
    Letter {
        subject: format!("An award from {program}"),
        body: format!(
            "Your application to {program} was reviewed, and you are offered ${amount} of API \
             credit.\n\nWhat the reviewers said:\n{reasons}\n\n\
             Accept the award on its page. The credit then arrives {delivery}, and lives for the \
             program's term from the instant it arrives.\n\n{url}\n"
        ),
    }
}

pub(crate) fn declined(program: &str, reasons: &str, url: &str) -> Letter {
    Letter {
        subject: format!("Your application to {program} was reviewed"),
        body: format!(
            "Your application to {program} was reviewed, and there is no award this time.\n\n\
             What the reviewers said:\n{reasons}\n\n\
             You can apply again as often as you like; more detail helps. Your answers are \
             kept:\n{url}\n"
        ),
    }
}

pub(crate) fn delivered(program: &str, amount: Usd, expires: &str, url: &str) -> Letter {
    Letter {
        subject: format!("Your credit from {program} is here"),
        body: format!(
            "${amount} of API credit is on your grant. It can be spent until {expires}, and \
             not a moment longer.\n\nMake a key and see what is left here:\n{url}\n"
        ),
    }
}

pub(crate) fn expired(program: &str, amount: Usd, url: &str) -> Letter {
    Letter {
        subject: format!("Your credit from {program} has expired"),
        body: format!(
            "Your grant from {program} has come to its end; ${amount} was left on it.\n\n\
             What it paid for stays on its page. A new application, with what came of this one, \
             is the way to more:\n{url}\n"
        ),
    }
}

pub(crate) fn returned(program: &str, amount: Usd, url: &str) -> Letter {
    Letter {
        subject: format!("You returned credit to {program}"),
        body: format!(
            "${amount} of your grant went back to the pool of {program}, for somebody else. \
             Thank you.\n\nWhat is left of your grant is here:\n{url}\n"
        ),
    }
}

pub(crate) fn bought(trade: &Trade, until: &str, url: &str) -> Letter {
    let (face, cost, off) = (trade.face, trade.cost, trade.price.rest());
    Letter {
        subject: format!("You bought ${face} of API credit"),
        body: format!(
            "You bought ${face} of API credit for ${cost}, {off} % off retail. It can be spent \
             until {until}, and not a moment longer.\n\n\
             It is a grant of its own: make a key and point the official SDK at it:\n{url}\n"
        ),
    }
}

pub(crate) fn sold(trade: &Trade, url: &str) -> Letter {
    let (face, proceeds) = (trade.face, trade.proceeds());
    Letter {
        subject: format!("You sold ${face} of API credit"),
        body: format!(
            "Somebody bought ${face} of the credit you listed. Your proceeds of ${proceeds} stand \
             in your account on the market, to be paid out by the operator.\n\n\
             The receipt:\n{url}\n"
        ),
    }
}
