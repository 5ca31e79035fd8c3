//! The letters: what people are told by mail, in plain text.
//! Never sends anything, and no link in one changes anything by itself.

use bursar_kernel::Usd;
use bursar_market::Trade;
use bursar_policy::{AccessRequest, AccessState};
use bursar_store::rows::CardFace;
use jiff::tz::TimeZone;

pub mod ending;

/// A letter before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// A link that signs somebody in.
pub fn sign_in(url: &str) -> Letter {
    Letter {
        subject: "Your sign-in link".to_owned(),
        body: format!(
            "Open this link to sign in:\n\n{url}\n\n\
             It works once, for half an hour. If you did not ask for it, leave it: without a \
             click on the page behind it nothing happens.\n"
        ),
    }
}

/// An application has arrived.
pub fn submitted(program: &str, url: &str, round: &str, review: &str) -> Letter {
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

/// An award, as its letter tells it.
pub struct Award<'l> {
    /// How much.
    pub amount: Usd,
    /// Why it was decided so.
    pub reasons: &'l str,
    /// What counted in the applicant's favour.
    pub counted: &'l [(String, u32)],
    /// `between 28 January 2027 and 11 February 2027`.
    pub delivery: &'l str,
    /// How long it lives: `12 months from the instant it arrives`.
    pub lives: &'l str,
}

/// How an applicant comes back after a decline.
pub struct Again<'l> {
    /// How often; `None` is without limit.
    pub most: Option<u32>,
    /// Where.
    pub url: &'l str,
}

/// An award is offered.
pub fn awarded(program: &str, award: &Award<'_>, url: &str) -> Letter {
    let Award { amount, reasons, counted, delivery, lives } = award;
    Letter {
        subject: format!("An award from {program}"),
        body: format!(
            "Your application to {program} was reviewed, and you are offered ${amount} of API \
             credit.\n\nWhy it was decided so:\n{reasons}\n{counted}\n\
             What comes next: accept the award on its page. The credit then arrives {delivery}; \
             a mail tells you the day. It lives {lives}, and nobody can extend that.\n\n{url}\n",
            counted = in_favour(counted),
        ),
    }
}

/// There is no award this time.
pub fn declined(
    program: &str,
    reasons: &str,
    counted: &[(String, u32)],
    again: &Again<'_>,
    url: &str,
) -> Letter {
    let often = match again.most {
        None => "as often as you like, on any day".to_owned(),
        Some(1) => "once more, on any day".to_owned(),
        Some(most) => format!("up to {most} times more, on any day"),
    };
    Letter {
        subject: format!("Your application to {program} was reviewed"),
        body: format!(
            "Your application to {program} was reviewed, and there is no award this time.\n\n\
             Why it was decided so:\n{reasons}\n{counted}\n\
             What comes next: come back. You can apply again {often}; your answers are kept, and \
             the form begins with them. More detail helps: answer the reasons above one by \
             one.\n\nApply again:\n{again}\n\nThis application:\n{url}\n",
            counted = in_favour(counted),
            again = again.url,
        ),
    }
}

/// What counted in the applicant's favour, as lines; nothing where nothing did.
fn in_favour(counted: &[(String, u32)]) -> String {
    if counted.is_empty() {
        return String::new();
    }
    let line = |(reason, points): &(String, u32)| {
        let noun = if *points == 1 { "point" } else { "points" };
        format!("- {reason} ({points} {noun} of priority)\n")
    };
    let lines: String = counted.iter().map(line).collect();
    format!("\nWhat counted in your favour:\n{lines}")
}

/// The day of an award's credit is set.
pub fn day_set(program: &str, amount: Usd, day: &str, url: &str) -> Letter {
    Letter {
        subject: format!("The day of your credit from {program} is set"),
        body: format!(
            "${amount} of API credit arrives on {day}; a mail tells you when it is there.\n\n\
             Its term begins at the instant it arrives:\n{url}\n"
        ),
    }
}

/// Credit is there.
pub fn delivered(program: &str, amount: Usd, expires: &str, url: &str) -> Letter {
    Letter {
        subject: format!("Your credit from {program} is here"),
        body: format!(
            "${amount} of API credit is on your grant. It can be spent until {expires}, and \
             not a moment longer.\n\nMake a key and see what is left here:\n{url}\n"
        ),
    }
}

/// Credit has expired, with so much left.
pub fn expired(program: &str, amount: Usd, url: &str) -> Letter {
    Letter {
        subject: format!("Your credit from {program} has expired"),
        body: format!(
            "Your grant from {program} has come to its end; ${amount} was left on it.\n\n\
             What it paid for stays on its page. A new application, with what came of this one, \
             is the way to more:\n{url}\n"
        ),
    }
}

/// Credit went back to its pool.
pub fn returned(program: &str, amount: Usd, url: &str) -> Letter {
    Letter {
        subject: format!("You returned credit to {program}"),
        body: format!(
            "${amount} of your grant went back to the pool of {program}, for somebody else. \
             Thank you.\n\nWhat is left of your grant is here:\n{url}\n"
        ),
    }
}

/// A buyer's side of a trade.
pub fn bought(trade: &Trade, until: &str, url: &str) -> Letter {
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

/// A seller's side of a trade.
pub fn sold(trade: &Trade, url: &str) -> Letter {
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

/// An officer took a part of a grant's credit back.
pub fn clawed_back(program: &str, amount: Usd, reason: &str, url: &str) -> Letter {
    Letter {
        subject: format!("${amount} of your grant was taken back"),
        body: format!(
            "{program} took ${amount} of your grant back. It went to the program's pool.\n\n\
             Why:\n{reason}\n\nThe rest stays yours to spend, and your keys go on working. \
             Answer this letter if you think that it is wrong.\n\nThe grant:\n{url}\n"
        ),
    }
}

/// An officer stopped a grant's calls.
pub fn stopped(program: &str, reason: &str, url: &str) -> Letter {
    Letter {
        subject: "The calls of your grant are stopped".to_owned(),
        body: format!(
            "{program} has stopped the calls of your grant: its keys make no new ones until it \
             starts them again. Calls that had begun end, and are charged. The credit is \
             untouched, and expires when it would have.\n\n\
             Why:\n{reason}\n\nAnswer this letter if you think that it is wrong.\n\n\
             The grant:\n{url}\n"
        ),
    }
}

/// An officer started a grant's calls again.
pub fn started(program: &str, reason: &str, url: &str) -> Letter {
    Letter {
        subject: "The calls of your grant go on".to_owned(),
        body: format!(
            "{program} has started the calls of your grant again: its keys work as before.\n\n\
             Why:\n{reason}\n\nThe grant:\n{url}\n"
        ),
    }
}

/// An officer took all that was left of a grant back.
pub fn voided(program: &str, left: Usd, reason: &str, url: &str) -> Letter {
    Letter {
        subject: "Your grant was voided".to_owned(),
        body: format!(
            "{program} voided your grant: nothing more can be spent of it, and its keys make no \
             more calls. Calls that had begun end, and are charged. What was left, ${left} when \
             this was written, goes to the program's pool.\n\n\
             Why:\n{reason}\n\nAnswer this letter if you think that it is wrong.\n\n\
             The grant, with all that was spent:\n{url}\n"
        ),
    }
}

/// Somebody asks an officer for a limited model.
pub fn access_asked(holder: &str, request: &AccessRequest, url: &str) -> Letter {
    let model = &request.model;
    Letter {
        subject: format!("Somebody asks for {model}"),
        body: format!(
            "{holder} asks to use {model}, which is limited access.\n\nWhat for:\n{}\n\n\
             Approve or decline it here; nothing happens until you do:\n{url}\n",
            request.reason
        ),
    }
}

/// Such a request is answered.
pub fn access_answered(request: &AccessRequest, zone: &TimeZone, url: &str) -> Letter {
    let (model, note) = (&request.model, request.note.as_deref().unwrap_or_default());
    let note = if note.is_empty() { String::new() } else { format!("\n{note}\n") };
    if request.state != AccessState::Approved {
        return Letter {
            subject: format!("{model} is not open to your grant"),
            body: format!(
                "Your request for {model} was declined, or its approval has ended.\n{note}\n\
                 All other models stay as they are. You can ask again with more detail:\n{url}\n"
            ),
        };
    }
    let until = request.until.map(|until| until.to_zoned(zone.clone()));
    let until = until.map_or("as long as the grant lives".to_owned(), |until| {
        until.strftime("until %-d %B %Y, %H:%M %Z").to_string()
    });
    Letter {
        subject: format!("{model} is open to your grant"),
        body: format!(
            "Your request for {model} is approved: every key of the grant can call it now, \
             {until}.\n{note}\nWhat it costs and where it stands:\n{url}\n"
        ),
    }
}

/// A card is verified.
pub fn card_checked(amount: Usd, face: Option<&CardFace>, url: &str) -> Letter {
    let card = face.map_or_else(String::new, |face| format!(", which ends in {},", face.last4));
    Letter {
        subject: "Your card is verified, and the hold is released".to_owned(),
        body: format!(
            "${amount} was held on your card{card} to verify it, and has been released. Nothing \
             was charged; your bank may show the hold for a few days more.\n\n\
             The receipt:\n{url}\n"
        ),
    }
}
