//! The letters: what people are told by mail, in plain text and in HTML.
//! Never sends anything, and no link in one changes anything by itself.

use bursar_kernel::{MemberRole, Timestamp, Usd};
use bursar_market::Trade;
use bursar_policy::{AccessRequest, AccessState};
use bursar_store::rows::CardFace;
use jiff::tz::TimeZone;

pub mod ending;
pub mod evidence;
mod letter;
mod offers;
pub mod panel;
pub mod people;
mod register;

pub use letter::{Item, Letter, Part, page};
pub use offers::{
    Again, Award, Turn, award_lapsed, award_reminder, awarded, declined, wait_ended, waitlisted,
    with_feedback,
};
pub use register::{Kind, kind, register};

/// A link that signs somebody in, until it expires.
pub fn sign_in(url: &str, expires_at: Timestamp) -> Letter {
    Letter::new("sign_in", "Your sign-in link")
        .link("Open this link to sign in:", url)
        .say(
            "It works once, for half an hour. If you did not ask for it, leave it: without a \
             click on the page behind it nothing happens.",
        )
        .useless_after(expires_at)
}

/// A letter by which an operator tries whether mail goes out.
pub fn trial(url: &str) -> Letter {
    Letter::new("trial", "A test of this installation's mail")
        .say(
            "Somebody who runs this installation tried whether its mail arrives. It does: \
             there is nothing for you to do.",
        )
        .link("The installation:", url)
}

/// A passkey is a way into an account from now on.
pub fn passkey_added(name: &str, url: &str) -> Letter {
    Letter::new("passkey_added", "A passkey was added to your account")
        .said("Whoever has this passkey can sign in as you from now on:", name)
        .link(NOT_YOU, url)
}

/// A passkey is no way into an account any more.
pub fn passkey_removed(name: &str, url: &str) -> Letter {
    Letter::new("passkey_removed", "A passkey was removed from your account")
        .said("Nobody can sign in with this passkey any more:", name)
        .say("The mailed link goes on working.")
        .link(NOT_YOU, url)
}

/// Somebody tried to sign in with what looks like a copy of a passkey.
pub fn passkey_copied(name: &str, url: &str) -> Letter {
    Letter::new("passkey_copied", "A passkey of yours may have been copied")
        .said("Somebody tried to sign in as you, with an older state of this passkey:", name)
        .say("They were refused. A passkey that is used in two places is no longer yours alone.")
        .link("Remove it on the page of your account, and add a new one:", url)
}

/// A link that has an account erased, until it expires.
pub fn erasure_asked(url: &str, expires_at: Timestamp) -> Letter {
    Letter::new("erasure_asked", "Erase your account?")
        .link("Open this link to have your account erased, and read there what that means:", url)
        .say(
            "It works once, for a day. If you did not ask for it, leave it: without a click on the \
             page behind it nothing happens. But whoever asked is signed in as you: sign in, and \
             sign out the browsers that you do not know.",
        )
        .useless_after(expires_at)
}

/// An account is to be erased.
pub fn erasure_set(day: &str, url: &str) -> Letter {
    Letter::new("erasure_set", "Your account is to be erased")
        .say(format!("Your account is erased on {day}. Until then everything goes on."))
        .link("Did you change your mind, or was it not you? Keep the account here:", url)
}

/// An account is kept.
pub fn erasure_cancelled(url: &str) -> Letter {
    Letter::new("erasure_cancelled", "Your account is kept")
        .link("Your account is not erased. This was decided on the page of it:", url)
}

/// Something stood in the way on the day.
pub fn erasure_stopped(url: &str) -> Letter {
    Letter::new("erasure_stopped", "Your account was not erased")
        .say("Your account was to be erased today, and something of it is open. So it is kept.")
        .link("What is open, and how to ask again:", url)
}

/// An account was erased.
pub fn erased(url: &str) -> Letter {
    Letter::new("erased", "Your account was erased")
        .say(
            "Your account is erased: your name, this address, your ways to sign in, your \
             applications' text and files, and the mails to you. What the books need stays under \
             an identifier that says nothing of you. This is the last letter: it is forgotten \
             once it is sent, with this address.",
        )
        .link("You can come back at any time, as somebody new:", url)
}

const NOT_YOU: &str = "Was it not you? Sign in by a mailed link, remove the passkeys that are not \
                       yours, and sign out the browsers that you do not know:";

/// An application has arrived.
pub fn submitted(program: &str, url: &str, round: &str, review: &str) -> Letter {
    Letter::new("submitted", format!("Your application to {program} has arrived"))
        .say(format!("Your application to {program} has arrived."))
        .say(format!(
            "It goes to the {round} round. The review runs {review}; you will hear when it is \
             over, and the status stays the same until then."
        ))
        .link("Read it or take it back here:", url)
}

/// Somebody is asked to take part in an application.
pub fn invited(who: &str, email: &str, program: &str, role: MemberRole, url: &str) -> Letter {
    let may = match role {
        MemberRole::Edit => "read it and edit the draft",
        MemberRole::View => "read it",
    };
    let who = who.replace(['\r', '\n'], " ");
    Letter::new("invited", format!("You are invited to an application to {program}"))
        .say(format!(
            "{who} ({email}) applies to {program} and asks you to take part: you could {may}. \
             Only the one who applies hands it in or takes it back."
        ))
        .link("Look at the invitation, and accept or decline it there, within three weeks:", url)
        .say(
            "If you do not know them, leave it: without a click on the page behind the link \
             nothing happens.",
        )
}

/// An officer asks something about an application.
pub fn asked(program: &str, question: &str, due: &str, url: &str) -> Letter {
    Letter::new("asked", format!("A question about your application to {program}"))
        .said(&format!("An officer of {program} asks about your application:"), question)
        .link(&format!("Answer by the end of {due}, here:"), url)
        .say("The review goes on meanwhile.")
}

/// Somebody who applies has answered.
pub fn answered(program: &str, url: &str) -> Letter {
    Letter::new("answered", format!("An answer about an application to {program}"))
        .link(&format!("A question of yours about an application to {program} is answered:"), url)
}

/// The day of an award's credit is set.
pub fn day_set(program: &str, amount: Usd, day: &str, url: &str) -> Letter {
    Letter::new("day_set", format!("The day of your credit from {program} is set"))
        .say(format!(
            "${amount} of API credit arrives on {day}; a mail tells you when it is there."
        ))
        .link("Its term begins at the instant it arrives:", url)
}

/// Credit is there.
pub fn delivered(program: &str, amount: Usd, expires: &str, url: &str) -> Letter {
    Letter::new("delivered", format!("Your credit from {program} is here"))
        .say(format!(
            "${amount} of API credit is on your grant. It can be spent until {expires}, and \
             not a moment longer."
        ))
        .link("Make a key and see what is left here:", url)
}

/// Credit has expired, with so much left.
pub fn expired(program: &str, amount: Usd, url: &str) -> Letter {
    Letter::new("expired", format!("Your credit from {program} has expired"))
        .say(format!("Your grant from {program} has come to its end; ${amount} was left on it."))
        .link(
            "What it paid for stays on its page. A new application, with what came of this one, \
             is the way to more:",
            url,
        )
}

/// Credit went back to its pool.
pub fn returned(program: &str, amount: Usd, url: &str) -> Letter {
    Letter::new("returned", format!("You returned credit to {program}"))
        .say(format!(
            "${amount} of your grant went back to the pool of {program}, for somebody else. \
             Thank you."
        ))
        .link("What is left of your grant is here:", url)
}

/// A buyer's side of a trade.
pub fn bought(trade: &Trade, until: &str, url: &str) -> Letter {
    let (face, cost, off) = (trade.face, trade.cost, trade.price.rest());
    Letter::new("bought", format!("You bought ${face} of API credit"))
        .say(format!(
            "You bought ${face} of API credit for ${cost}, {off} % off retail. It can be spent \
             until {until}, and not a moment longer."
        ))
        .link("It is a grant of its own: make a key and point the official SDK at it:", url)
}

/// A seller's side of a trade.
pub fn sold(trade: &Trade, url: &str) -> Letter {
    let (face, proceeds) = (trade.face, trade.proceeds());
    Letter::new("sold", format!("You sold ${face} of API credit"))
        .say(format!(
            "Somebody bought ${face} of the credit you listed. Your proceeds of ${proceeds} stand \
             in your account on the market, to be paid out by the operator."
        ))
        .link("The receipt:", url)
}

/// An officer took a part of a grant's credit back.
pub fn clawed_back(program: &str, amount: Usd, reason: &str, url: &str) -> Letter {
    Letter::new("clawed_back", format!("${amount} of your grant was taken back"))
        .say(format!("{program} took ${amount} of your grant back. It went to the program's pool."))
        .said("Why:", reason)
        .say(
            "The rest stays yours to spend, and your keys go on working. Answer this letter if \
             you think that it is wrong.",
        )
        .link("The grant:", url)
}

/// An officer stopped a grant's calls.
pub fn stopped(program: &str, reason: &str, url: &str) -> Letter {
    Letter::new("stopped", "The calls of your grant are stopped")
        .say(format!(
            "{program} has stopped the calls of your grant: its keys make no new ones until it \
             starts them again. Calls that had begun end, and are charged. The credit is \
             untouched, and expires when it would have."
        ))
        .said("Why:", reason)
        .say("Answer this letter if you think that it is wrong.")
        .link("The grant:", url)
}

/// An officer started a grant's calls again.
pub fn started(program: &str, reason: &str, url: &str) -> Letter {
    Letter::new("started", "The calls of your grant go on")
        .say(format!(
            "{program} has started the calls of your grant again: its keys work as before."
        ))
        .said("Why:", reason)
        .link("The grant:", url)
}

/// An officer took all that was left of a grant back.
pub fn voided(program: &str, left: Usd, reason: &str, url: &str) -> Letter {
    Letter::new("voided", "Your grant was voided")
        .say(format!(
            "{program} voided your grant: nothing more can be spent of it, and its keys make no \
             more calls. Calls that had begun end, and are charged. What was left, ${left} when \
             this was written, goes to the program's pool."
        ))
        .said("Why:", reason)
        .say("Answer this letter if you think that it is wrong.")
        .link("The grant, with all that was spent:", url)
}

/// Somebody asks an officer for a limited model.
pub fn access_asked(holder: &str, request: &AccessRequest, url: &str) -> Letter {
    let model = &request.model;
    Letter::new("access_asked", format!("Somebody asks for {model}"))
        .say(format!("{holder} asks to use {model}, which is limited access."))
        .said("What for:", &request.reason)
        .link("Approve or decline it here; nothing happens until you do:", url)
}

/// Such a request is answered.
pub fn access_answered(request: &AccessRequest, zone: &TimeZone, url: &str) -> Letter {
    let (model, note) = (&request.model, request.note.as_deref().unwrap_or_default());
    let with_note = |letter: Letter| match note {
        "" => letter,
        note => letter.said("The officer says:", note),
    };
    if request.state != AccessState::Approved {
        let letter = Letter::new("access_declined", format!("{model} is not open to your grant"))
            .say(format!("Your request for {model} was declined, or its approval has ended."));
        return with_note(letter)
            .link("All other models stay as they are. You can ask again with more detail:", url);
    }
    let until = request.until.map(|until| until.to_zoned(zone.clone()));
    let until = until.map_or("as long as the grant lives".to_owned(), |until| {
        until.strftime("until %-d %B %Y, %H:%M %Z").to_string()
    });
    let letter =
        Letter::new("access_approved", format!("{model} is open to your grant")).say(format!(
            "Your request for {model} is approved: every key of the grant can call it now, {until}."
        ));
    with_note(letter).link("What it costs and where it stands:", url)
}

/// A card is verified.
pub fn card_checked(amount: Usd, face: Option<&CardFace>, url: &str) -> Letter {
    let card = face.map_or_else(String::new, |face| format!(", which ends in {},", face.last4));
    Letter::new("card_checked", "Your card is verified, and the hold is released")
        .say(format!(
            "${amount} was held on your card{card} to verify it, and has been released. Nothing \
             was charged; your bank may show the hold for a few days more."
        ))
        .link("The receipt:", url)
}

#[cfg(test)]
mod tests;
