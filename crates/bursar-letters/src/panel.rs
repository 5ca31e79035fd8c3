//! What reviewers are asked, reminded of, and released from.

use crate::{Item, Letter};

/// A reviewer is asked to review some applications of a round.
pub fn review_asked(program: &str, round: &str, titles: Vec<Item>, due: &str, url: &str) -> Letter {
    let count = titles.len();
    let noun = if count == 1 { "application" } else { "applications" };
    Letter::new("review_asked", format!("Can you review {count} {noun} for {program}?"))
        .say(format!("{program} asks you to review, in its round {round}, until {due}:"))
        .list("", titles)
        .link("Say yes or no there, for each; what you may read of it is on its page:", url)
        .say(
            "You were chosen for what you know, and no conflict of interest was found. If you know \
             of one, say so there: nobody asks you about that application again.",
        )
}

/// A reviewer is reminded of what waits for them.
pub fn review_reminder(waiting: Vec<Item>, url: &str) -> Letter {
    let count = waiting.len();
    let noun = if count == 1 { "review waits" } else { "reviews wait" };
    Letter::new("review_reminder", format!("{count} {noun} for you"))
        .list("What waits for you, and until when:", waiting)
        .link("Answer, write, ask for another date or hand one back there:", url)
}

/// A reviewer need not review something any more.
pub fn review_released(program: &str, title: &str, why: &str, url: &str) -> Letter {
    Letter::new("review_released", format!("You need not review “{title}” any more"))
        .say(format!("{program} has released you from reviewing “{title}”."))
        .said("Why:", why)
        .link("What still waits for you:", url)
}

/// An officer has answered whoever asked for another date, or has set one.
pub fn review_date(title: &str, due: &str, was_changed: bool, url: &str) -> Letter {
    let said = if was_changed {
        format!("Your review of “{title}” is now due {due}.")
    } else {
        format!("Your review of “{title}” stays due {due}: another date was not possible.")
    };
    Letter::new("review_date", format!("The date of your review of “{title}”"))
        .say(said)
        .link("What waits for you:", url)
}

pub(crate) mod samples {
    //! As somebody may get them.

    use bursar_kernel::Program;

    use super::*;
    use crate::register::REASONS;

    const TITLE: &str = "Do refusals differ by \"language\" & <script>?";
    const URL: &str = "https://credits.example.edu/reviews";

    fn items(after: &str) -> Vec<Item> {
        [TITLE, "What do rubrics leave out? 資金"]
            .into_iter()
            .map(|title| Item::text(format!("{title}{after}")))
            .collect()
    }

    pub(crate) fn asked(program: &Program) -> Letter {
        review_asked(&program.name, "December 2026", items(""), "22 December 2026, 00:00 UTC", URL)
    }

    pub(crate) fn reminder(_: &Program) -> Letter {
        review_reminder(items(", due 22 December 2026, 00:00 UTC"), URL)
    }

    pub(crate) fn released(program: &Program) -> Letter {
        review_released(&program.name, TITLE, REASONS, URL)
    }

    pub(crate) fn date(_: &Program) -> Letter {
        review_date(TITLE, "29 December 2026, 00:00 UTC", true, URL)
    }
}
