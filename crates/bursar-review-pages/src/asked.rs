//! What a reviewer is asked, and how they get out of it.

use bursar_kernel::{ApplicationId, Timestamp};
use bursar_ui::field::Control;
use bursar_ui::{
    Answer, Choice, Field, Frame, Input, Page, back, button, check_answers, error_summary,
    field_html, form, instant, key_values, link, name, routes,
};
use maud::{Markup, html};

/// An invitation to review.
#[derive(Clone, Debug)]
pub struct InvitationPage {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// The program's name, and the round's.
    pub of: (String, String),
    /// Why this reviewer.
    pub because: String,
    /// When the review is due.
    pub due: Timestamp,
    /// What tells whether there is a conflict of interest, as far as reviewers read it.
    pub answers: Vec<Answer>,
    /// What was typed (`answer`, `note`), and what is wrong with it.
    pub input: Input,
}

impl Page for InvitationPage {
    fn title(&self) -> String {
        format!("Can you review “{}”?", self.title)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let choices = vec![
            Choice::hinted("accept", "Yes, I will review it", "You can read all of it then."),
            Choice::hinted(
                "conflict",
                "No, I have a conflict of interest",
                "Nobody asks you about this application again. Say what it is, below.",
            ),
            Choice::hinted("time", "No, I have no time", "Somebody else is asked."),
            Choice::hinted("field", "No, it is not what I know", "Somebody else is asked."),
            Choice::hinted("other", "No, for another reason", "Say which, below."),
        ];
        let fields = [
            Field::new("answer", "Your answer", Control::Radios(choices)),
            Field::new("note", "What you add", Control::Area { rows: 3 })
                .hint("Officers read it. Applicants never do.")
                .optional(),
        ];
        let fields = fields.map(|field| self.input.fill(field));
        let facts = [
            ("Program".to_owned(), html! { (name(&self.of.0)) ", " (self.of.1) " round" }),
            ("Due".to_owned(), instant(self.due, &frame.zone)),
            ("Why you".to_owned(), html! { (self.because) }),
        ];
        html! {
            (back(routes::REVIEWS, "Reviews"))
            (error_summary(&fields))
            h1 { (name(&self.title)) }
            (key_values(&facts))
            h2 { "Who asks for what" }
            p.muted { "Enough to see whether you are free to judge it. The rest is there once you "
                "agree." }
            (check_answers(&self.answers))
            (form(frame, &routes::review_answer(self.id), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Send the answer")) }
            }))
        }
    }
}

/// Asks why a reviewer steps back.
#[derive(Clone, Debug)]
pub struct StepBackPage {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What was typed (`note`), and what is wrong with it.
    pub input: Input,
}

impl Page for StepBackPage {
    fn title(&self) -> String {
        "Step back from a review".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let note = self.input.fill(
            Field::new("note", "What the conflict of interest is", Control::Area { rows: 4 })
                .hint("Officers read it. Applicants never do."),
        );
        let review = routes::review(self.id);
        html! {
            (back(&review, &self.title))
            (error_summary(std::slice::from_ref(&note)))
            h1 { "Step back from this review" }
            p { "For a conflict of interest that you have found since you agreed. What you wrote "
                "does not count then, you see nothing more of the application, and somebody else "
                "is asked. It cannot be taken back." }
            (form(frame, &routes::review_step_back(self.id), &html! {
                (field_html(&note))
                div.actions { (button("Step back")) (link(&review, "Go on reviewing")) }
            }))
        }
    }
}

/// Asks for another date.
#[derive(Clone, Debug)]
pub struct AnotherDatePage {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// When the review is due, and when the round's review ends.
    pub due: (Timestamp, Timestamp),
    /// What was typed (`until`, `because`), and what is wrong with it.
    pub input: Input,
}

impl Page for AnotherDatePage {
    fn title(&self) -> String {
        "Ask for another date".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = [
            Field::new("until", "By the end of which day", Control::Day)
                .hint("A day before the round's review ends."),
            Field::new("because", "Why", Control::Area { rows: 3 }),
        ];
        let fields = fields.map(|field| self.input.fill(field));
        let review = routes::review(self.id);
        html! {
            (back(&review, &self.title))
            (error_summary(&fields))
            h1 { (self.title()) }
            p { "It is due " (instant(self.due.0, &frame.zone)) ". The round's review ends "
                (instant(self.due.1, &frame.zone)) ", and decisions follow. An officer answers by "
                "mail." }
            (form(frame, &routes::review_date(self.id), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Ask for it")) (link(&review, "Keep the date")) }
            }))
        }
    }
}
