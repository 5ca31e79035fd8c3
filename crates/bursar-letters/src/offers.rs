//! What the release of a round makes known, and what becomes of an award that nobody answers.

use bursar_kernel::Usd;

use crate::{Item, Letter};

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
    /// The last day on which it can be answered: `30 April 2027`; `None` is without end.
    pub answer_by: Option<&'l str>,
    /// Whose turn it is.
    pub turn: Turn,
}

/// Whose turn an award is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The round was released.
    Round,
    /// An award of the round came back, and went to whoever waited.
    WaitingList,
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
    let Award { amount, reasons, counted, delivery, lives, answer_by, turn } = award;
    let subject = format!("An award from {program}");
    let begun = match turn {
        Turn::Round => Letter::new("awarded", subject).say(format!(
            "Your application to {program} was reviewed, and you are offered ${amount} of API \
             credit."
        )),
        Turn::WaitingList => Letter::new("offered", subject).say(format!(
            "Your application to {program} was on the waiting list. An award has come back, and \
             you are offered ${amount} of API credit."
        )),
    };
    let letter = in_favour(begun.said("Why it was decided so:", reasons), counted);
    let accept = answer_by.map_or_else(
        || "accept the award on its page".to_owned(),
        |day| {
            format!(
                "accept the award on its page until the end of {day}; after that day it goes to \
                 somebody else"
            )
        },
    );
    letter
        .say(format!(
            "What comes next: {accept}. The credit then arrives {delivery}; \
             a mail tells you the day. It lives {lives}, and nobody can extend that."
        ))
        .link("The award:", url)
}

/// An award waits for an answer, and its day comes near.
pub fn award_reminder(program: &str, amount: Usd, answer_by: &str, url: &str) -> Letter {
    Letter::new("award_reminder", format!("Your award from {program} waits for an answer"))
        .say(format!(
            "You are offered ${amount} of API credit, and have not said whether you take it. It \
             can be answered until the end of {answer_by}; after that day it goes to somebody else."
        ))
        .link("Accept the award, or decline it:", url)
}

/// Nobody answered an award in time.
pub fn award_lapsed(program: &str, amount: Usd, again: &Again<'_>) -> Letter {
    let often = how_often(again.most);
    Letter::new("award_lapsed", format!("Your award from {program} has lapsed"))
        .say(format!(
            "${amount} of API credit were offered to you, and the last day to answer has passed. \
             The credit goes to somebody else."
        ))
        .say(format!("You can apply again {often}; your answers are kept."))
        .link("Apply again:", again.url)
}

/// There is no award so far, and a place on the waiting list.
pub fn waitlisted(
    program: &str,
    reasons: &str,
    counted: &[(String, u32)],
    holds_until: &str,
    url: &str,
) -> Letter {
    let letter = Letter::new("waitlisted", format!("Your application to {program} was reviewed"))
        .say(format!(
            "Your application to {program} was reviewed. There is no award for it now, and it is \
             on the waiting list: an award of this round that comes back goes to whoever waits, in \
             the order of the review."
        ))
        .said("Why it was decided so:", reasons);
    in_favour(letter, counted)
        .say(format!(
            "What comes next: nothing to do. Your place holds until the end of {holds_until}; a \
             mail tells you of an award, or that the list is closed."
        ))
        .link("This application, where you can also leave the list:", url)
}

/// The waiting list is closed, and no award came back.
pub fn wait_ended(program: &str, again: &Again<'_>, url: &str) -> Letter {
    let often = how_often(again.most);
    Letter::new("wait_ended", format!("The waiting list of {program} is closed"))
        .say("No award came back while you waited, so there is none for you in this round.")
        .say(format!(
            "What comes next: come back. You can apply again {often}; your answers are kept, and \
             the form begins with them."
        ))
        .link("Apply again:", again.url)
        .link("This application:", url)
}

/// There is no award this time.
pub fn declined(
    program: &str,
    reasons: &str,
    counted: &[(String, u32)],
    again: &Again<'_>,
    url: &str,
) -> Letter {
    let often = how_often(again.most);
    let letter = Letter::new("declined", format!("Your application to {program} was reviewed"))
        .say(format!(
            "Your application to {program} was reviewed, and there is no award this time."
        ))
        .said("Why it was decided so:", reasons);
    in_favour(letter, counted)
        .say(format!(
            "What comes next: come back. You can apply again {often}; your answers are kept, and \
             the form begins with them. More detail helps: answer the reasons above one by one."
        ))
        .link("Apply again:", again.url)
        .link("This application:", url)
}

/// What counted in the applicant's favour, as lines; nothing where nothing did.
fn in_favour(letter: Letter, counted: &[(String, u32)]) -> Letter {
    if counted.is_empty() {
        return letter;
    }
    let line = |(reason, points): &(String, u32)| {
        let noun = if *points == 1 { "point" } else { "points" };
        Item::text(format!("{reason} ({points} {noun} of priority)"))
    };
    letter.list("What counted in your favour:", counted.iter().map(line).collect())
}

/// A decision's letter with what reviewers' scores came to, a line for each criterion.
#[must_use]
pub fn with_feedback(letter: Letter, lines: impl Iterator<Item = String>) -> Letter {
    let lines: Vec<Item> = lines.map(Item::text).collect();
    if lines.is_empty() {
        return letter;
    }
    letter.list("What reviewers scored on the average:", lines)
}

fn how_often(most: Option<u32>) -> String {
    match most {
        None => "as often as you like, on any day".to_owned(),
        Some(1) => "once more, on any day".to_owned(),
        Some(most) => format!("up to {most} times more, on any day"),
    }
}

pub(crate) mod samples {
    //! What the letters look like.

    use bursar_kernel::Program;

    use super::{Again, Award, Letter, Turn, award_lapsed, award_reminder, with_feedback};
    use crate::register::{APPLICATION, REASONS, url, usd};

    fn counted() -> [(String, u32); 2] {
        [("Early-career applicant".to_owned(), 2), ("First award".to_owned(), 1)]
    }

    fn award(turn: Turn, program: &Program) -> Letter {
        let award = Award {
            amount: usd(1000),
            reasons: REASONS,
            counted: &counted(),
            delivery: "between 28 April 2027 and 12 May 2027",
            lives: "for 12 months from the instant it arrives",
            answer_by: match turn {
                Turn::Round => None,
                Turn::WaitingList => Some("30 April 2027"),
            },
            turn,
        };
        super::awarded(&program.name, &award, &url(APPLICATION))
    }

    pub(crate) fn awarded(program: &Program) -> Letter {
        award(Turn::Round, program)
    }

    pub(crate) fn offered(program: &Program) -> Letter {
        award(Turn::WaitingList, program)
    }

    pub(crate) fn reminder(program: &Program) -> Letter {
        award_reminder(&program.name, usd(1000), "30 April 2027", &url(APPLICATION))
    }

    pub(crate) fn lapsed(program: &Program) -> Letter {
        let again = url(&format!("programs/{}", program.id));
        award_lapsed(&program.name, usd(1000), &Again { most: None, url: &again })
    }

    pub(crate) fn waitlisted(program: &Program) -> Letter {
        let (counted, until) = (counted(), "30 June 2027");
        super::waitlisted(&program.name, REASONS, &counted[..1], until, &url(APPLICATION))
    }

    pub(crate) fn wait_ended(program: &Program) -> Letter {
        let again = url(&format!("programs/{}", program.id));
        super::wait_ended(&program.name, &Again { most: Some(2), url: &again }, &url(APPLICATION))
    }

    pub(crate) fn declined(program: &Program) -> Letter {
        let again = url(&format!("programs/{}", program.id));
        let again = Again { most: None, url: &again };
        let letter =
            super::declined(&program.name, REASONS, &counted()[..1], &again, &url(APPLICATION));
        let came_to = ["The question: 4.2 of 5", "The method & its \"limits\": 2.5 of 5"];
        with_feedback(letter, came_to.map(str::to_owned).into_iter())
    }
}
