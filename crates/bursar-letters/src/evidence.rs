//! What has to be shown, and verdicts that a person is asked to look at.

use bursar_kernel::Timestamp;

use crate::Letter;

/// Somebody is asked to confirm that an applicant belongs to their institution.
pub fn sponsor_asked(
    (who, email): (&str, &str),
    program: &str,
    shows: &str,
    relation: &str,
    url: &str,
    expires_at: Timestamp,
) -> Letter {
    let who = who.replace(['\r', '\n'], " ");
    Letter::new("sponsor_asked", format!("Can you confirm something for {program}?"))
        .say(format!(
            "{who} ({email}) applies to {program}, has to show {shows}, and named you as somebody \
             who can confirm it."
        ))
        .said("What they are to you, in their words:", relation)
        .link("Read what is asked, and confirm or deny it there, within three weeks:", url)
        .say(
            "You need no account. If you do not know them, say so there, or leave it: without a \
             click on the page behind the link nothing happens.",
        )
        .useless_after(expires_at)
}

/// What somebody wanted to show is believed, or not.
pub fn claim_answered(program: &str, what: &str, accepted: bool, why: &str, url: &str) -> Letter {
    let verdict = if accepted { "counts" } else { "does not count" };
    let letter = Letter::new("claim_answered", format!("What you have shown to {program}"))
        .say(format!("{what} {verdict} with your application to {program}."));
    let letter = if why.is_empty() { letter } else { letter.said("Why:", why) };
    letter.link("What is shown, and what else would do:", url)
}

/// Somebody without an account asks a person to look at a verdict; the address is to be shown to be
/// theirs first.
pub fn appeal_begun(program: &str, url: &str, expires_at: Timestamp) -> Letter {
    Letter::new("appeal_begun", format!("Send your question to {program}"))
        .link(
            &format!(
                "You asked a person at {program} to look at what its rules said. Nobody has it \
                 yet. Send it here, within a day:"
            ),
            url,
        )
        .say(
            "If you did not ask for it, leave it: without a click on the page behind the link \
             nothing is sent.",
        )
        .useless_after(expires_at)
}

/// An officer has answered such a question.
pub fn appeal_answered(program: &str, verdict: &str, text: &str, url: &str) -> Letter {
    Letter::new("appeal_answered", format!("An answer from {program}"))
        .say(format!("An officer has looked at what the rules of {program} said. {verdict}"))
        .said("What they write:", text)
        .link("All that was written, and what comes next:", url)
}

/// Samples, for the register.
pub(crate) mod samples {
    use bursar_kernel::Program;

    use crate::Letter;
    use crate::register::{APPLICATION, REASONS, now, url};

    pub(crate) fn sponsor(program: &Program) -> Letter {
        let (shows, link) = ("an affiliation with a university", url("sponsor/8m2kq0v4t6"));
        let who = ("Ada", "ada@example.edu");
        super::sponsor_asked(who, &program.name, shows, REASONS, &link, now())
    }

    pub(crate) fn claim(program: &Program) -> Letter {
        let link = url(&format!("{APPLICATION}/evidence"));
        super::claim_answered(&program.name, "Your document", false, REASONS, &link)
    }

    pub(crate) fn begun(program: &Program) -> Letter {
        super::appeal_begun(&program.name, &url("asked/8m2kq0v4t6"), now())
    }

    pub(crate) fn answered(program: &Program) -> Letter {
        let verdict = "You may apply until 12 April 2027, whatever they say.";
        super::appeal_answered(&program.name, verdict, REASONS, &url("asked/8m2kq0v4t6"))
    }
}
