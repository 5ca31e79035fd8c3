//! Who spends a grant: invitations, answers, and what changes for somebody who takes part.

use bursar_kernel::{GrantRole, Timestamp};

use crate::Letter;

/// Somebody is asked to spend a grant with the one who holds it.
pub fn grant_invited(
    (who, email): (&str, &str),
    program: &str,
    title: &str,
    role: GrantRole,
    url: &str,
    expires_at: Timestamp,
) -> Letter {
    let who = one_line(who);
    Letter::new("grant_invited", format!("You are invited to a grant of {program}"))
        .say(format!("{who} ({email}) asks you to take part in a grant of {program}."))
        .said("What it is for:", title)
        .say(format!("You would be {}: {}.", role.in_words(), may(role)))
        .link("Look at the invitation, and accept or decline it there, within two weeks:", url)
        .say(
            "Only whoever is signed in with this address can accept it. If you do not know them, \
             leave it: without a click on the page behind the link nothing happens.",
        )
        .useless_after(expires_at)
}

/// Somebody has answered; to whoever holds the grant.
pub fn grant_answered(who: &str, program: &str, accepts: bool, url: &str) -> Letter {
    let who = one_line(who);
    let said = if accepts { "takes part in" } else { "does not want to take part in" };
    Letter::new("grant_answered", format!("An answer about your grant of {program}"))
        .say(format!("{who} {said} your grant of {program}."))
        .link("Who spends it:", url)
}

/// What somebody may do has changed.
pub fn grant_part_changed(program: &str, role: GrantRole, url: &str) -> Letter {
    Letter::new("grant_part_changed", format!("What you may do in a grant of {program}"))
        .say(format!(
            "You are {} in a grant of {program} from now on: {}.",
            role.in_words(),
            may(role)
        ))
        .say("Keys of yours that this leaves no room for were revoked, or are somebody else's now.")
        .link("The grant:", url)
}

/// Somebody was taken out, or their invitation was taken back.
pub fn grant_removed(program: &str, title: &str, url: &str) -> Letter {
    Letter::new("grant_removed", format!("You take no part in a grant of {program} any more"))
        .said(&format!("You do not spend this grant of {program} any more:"), title)
        .say(
            "Keys that were yours were revoked, or are somebody else's now: do not use them any \
             more. Ask whoever holds the grant if this is not what you expected.",
        )
        .link("Grants that are still yours, or shared with you:", url)
}

/// Somebody has left; to whoever holds the grant.
pub fn grant_left(who: &str, program: &str, url: &str) -> Letter {
    let who = one_line(who);
    Letter::new("grant_left", format!("Somebody has left your grant of {program}"))
        .say(format!("{who} takes no part in your grant of {program} any more."))
        .link("Who spends it, and its keys:", url)
}

/// What a role lets somebody do, after "you would be a member: ".
const fn may(role: GrantRole) -> &'static str {
    match role {
        GrantRole::Manager => {
            "you run its studies and keys and say who takes part, and pass no credit on"
        }
        GrantRole::Member => "you make keys of your own, and see what they spend",
        GrantRole::ReadOnly => "you see its figures, and change nothing",
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
