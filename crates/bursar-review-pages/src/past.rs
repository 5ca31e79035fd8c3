//! What somebody has reviewed, and a letter of it to print.

use bursar_kernel::Timestamp;
use bursar_ui::field::Control;
use bursar_ui::table::{number, text};
use bursar_ui::{
    Field, Frame, Input, Page, Table, back, button, date, day, empty, error_summary, field_html,
    instant, name, routes,
};
use jiff::civil::Date;
use maud::{Markup, html};

/// How many reviews there were for a round of a program.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The program's name.
    pub program: String,
    /// The round's name, or nothing.
    pub round: String,
    /// The reviews.
    pub reviews: usize,
}

/// One's own earlier reviews.
#[derive(Clone, Debug)]
pub struct PastPage {
    /// How many, by program and round.
    pub counted: Vec<Counted>,
    /// The latest of them: what each application is called, of which program and round, and when.
    pub reviews: Vec<(String, String, Timestamp)>,
    /// How many there are in all.
    pub total: usize,
    /// The days that a letter is asked for, `from` and `until`, and what is wrong with them.
    pub input: Input,
}

/// That somebody has reviewed so and so much. Names no applicant.
#[derive(Clone, Debug)]
pub struct LetterOfService {
    /// Who.
    pub name: String,
    /// Where this installation is: `credits.example.edu`.
    pub installation: String,
    /// The first day and the last.
    pub days: (Date, Date),
    /// How many, by program and round.
    pub counted: Vec<Counted>,
    /// When it was made.
    pub at: Timestamp,
}

impl Page for PastPage {
    fn title(&self) -> String {
        "Your earlier reviews".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = [
            Field::new("from", "From", Control::Day),
            Field::new("until", "To the end of", Control::Day),
        ];
        let fields = fields.map(|field| self.input.fill(field));
        html! {
            (back(routes::REVIEWS, "Reviews"))
            (error_summary(&fields))
            h1 { "Your earlier reviews" }
            @if self.total == 0 {
                (empty("No reviews yet", &html! { p { "A review stands here once its application "
                    "has left review. What is still in review is among your reviews." } }))
            } @else {
                (counts("Reviews by program and round", &self.counted))
                h2 { "A letter of service" }
                p { "It says how many reviews you wrote for which programs and rounds, and names "
                    "no applicant. Print it, or save it as a PDF." }
                form.form method="get" action=(routes::REVIEW_LETTER) novalidate {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Show the letter")) }
                }
                h2 { "The reviews" }
                (self.table(frame))
                @if self.reviews.len() < self.total {
                    p.muted { "These are the latest " (self.reviews.len()) " of " (self.total) "." }
                }
            }
        }
    }
}

impl PastPage {
    fn table(&self, frame: &Frame) -> Markup {
        let row = |(title, of, at): &(String, String, Timestamp)| {
            vec![name(title), name(of), instant(*at, &frame.zone)]
        };
        let rows = self.reviews.iter().map(row).collect();
        let columns = vec![text("Application"), text("Program and round"), text("Submitted")];
        Table::new("The reviews", columns, rows).under_heading().html()
    }
}

impl Page for LetterOfService {
    fn title(&self) -> String {
        "Letter of service".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let total = self.counted.iter().fold(0_usize, |sum, one| sum.saturating_add(one.reviews));
        let (from, until) = self.days;
        html! {
            (back(routes::REVIEW_PAST, "Your earlier reviews"))
            h1 { "Letter of service" }
            p { (date(self.at, &frame.zone)) }
            @if total == 0 {
                (empty("No reviews between these days", &html! {
                    p { "From " (day(from)) " to " (day(until)) " no review of yours has counted. "
                        "Choose other days." } }))
            } @else {
                p { "To whom it may concern" }
                p { "From " (day(from)) " to " (day(until)) ", " strong { (name(&self.name)) }
                    " served as a reviewer of applications for research credit at Bursar, "
                    (name(&self.installation)) ", and wrote " strong { @match total {
                        1 => "1 review", many => { (many) " reviews" }
                    } } ", each with scores, a recommendation and its reasons." }
                (counts("Reviews by program and round", &self.counted))
                p { "This letter is made from the records of the installation. It names no "
                    "applicant." }
            }
        }
    }
}

fn counts(caption: &str, counted: &[Counted]) -> Markup {
    let round = |round: &str| {
        html! { @if round.is_empty() { span.muted { "No round" } } @else { (round) } }
    };
    let row = |one: &Counted| vec![name(&one.program), round(&one.round), html! { (one.reviews) }];
    let columns = vec![text("Program"), text("Round"), number("Reviews")];
    Table::new(caption, columns, counted.iter().map(row).collect()).html()
}
