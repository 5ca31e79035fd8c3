//! What reviewers are asked, reminded of, and released from. No letter has a word of a proposal:
//! what lies in mailboxes cannot be taken back with it.

use bursar_kernel::ApplicationId;

use crate::{Item, Letter};

fn applications(count: usize) -> String {
    if count == 1 { "1 application".to_owned() } else { format!("{count} applications") }
}

/// A reviewer is asked to review some applications of a round.
pub fn review_asked(program: &str, round: &str, count: usize, due: &str, url: &str) -> Letter {
    let applications = applications(count);
    Letter::new("review_asked", format!("Can you review {applications} for {program}?"))
        .say(format!(
            "{program} asks you to review {applications} in its round {round}, until {due}."
        ))
        .link("Say yes or no there, for each; what you may read of it is on its page:", url)
        .say(
            "You were chosen for what you know, and no conflict of interest was found. If you know \
             of one, say so there: nobody asks you about that application again.",
        )
}

/// A reviewer is reminded of what waits for them.
pub fn review_reminder(waiting: Vec<Item>, url: &str) -> Letter {
    Letter::new("review_reminder", "Reviews wait for you")
        .list("What waits for you, and until when:", waiting)
        .link("Answer, write, ask for another date or hand one back there:", url)
}

/// A reviewer need not review something any more.
pub fn review_released(program: &str, which: ApplicationId, why: &str, url: &str) -> Letter {
    Letter::new("review_released", format!("A review for {program} is not needed any more"))
        .say(format!("{program} has released you from reviewing {which}."))
        .said("Why:", why)
        .link("What still waits for you:", url)
}

/// An officer has answered whoever asked for another date, or has set one.
pub fn review_date(which: ApplicationId, due: &str, was_changed: bool, url: &str) -> Letter {
    let said = if was_changed {
        format!("Your review of {which} is now due {due}.")
    } else {
        format!("Your review of {which} stays due {due}: another date was not possible.")
    };
    Letter::new("review_date", "The date of a review").say(said).link("What waits for you:", url)
}

pub(crate) mod samples {
    //! As somebody may get them.

    use bursar_kernel::Program;

    use super::{
        ApplicationId, Item, Letter, review_asked, review_date, review_released, review_reminder,
    };
    use crate::register::REASONS;

    const URL: &str = "https://credits.example.edu/reviews";

    fn which() -> ApplicationId {
        ApplicationId::from_bytes([7; 16])
    }

    pub(crate) fn asked(program: &Program) -> Letter {
        review_asked(&program.name, "December 2026", 4, "22 December 2026, 00:00 UTC", URL)
    }

    pub(crate) fn reminder(program: &Program) -> Letter {
        let item = |text: &str| Item::text(format!("{}: {text}", program.name));
        let waiting = vec![
            item("2 invitations await your answer"),
            item("a review is due 22 December 2026, 00:00 UTC"),
        ];
        review_reminder(waiting, URL)
    }

    pub(crate) fn released(program: &Program) -> Letter {
        review_released(&program.name, which(), REASONS, URL)
    }

    pub(crate) fn date(_: &Program) -> Letter {
        review_date(which(), "29 December 2026, 00:00 UTC", true, URL)
    }
}
