//! What a reviewer says of themselves.

use bursar_ui::field::Control;
use bursar_ui::{
    Choice, Field, Frame, Input, Page, back, button, error_summary, field_html, form, routes,
};
use maud::{Markup, html};

/// What a reviewer says of themselves.
#[derive(Clone, Debug)]
pub struct ProfileForm {
    /// Programs with what their applications can be about: the field's name, the program's name,
    /// and the topics.
    pub programs: Vec<(String, String, Vec<Choice>)>,
    /// What was typed (the programs' fields, `load_max`, `away_until`, `institutions`,
    /// `coauthors`), and what is wrong with it.
    pub input: Input,
}

impl ProfileForm {
    fn fields(&self) -> Vec<Field> {
        let topics = self.programs.iter().map(|(field, program, topics)| {
            let label = format!("What you know, of what {program} asks about");
            Field::new(field, label, Control::Checkboxes(topics.clone()))
                .hint("Applications about these come to you first.")
                .optional()
        });
        let rest = [
            Field::new(
                "load_max",
                "Applications in a round at the most",
                Control::Line { autocomplete: "off" },
            )
            .hint("Leave it empty to take as many as the program asks.")
            .optional(),
            Field::new("away_until", "Away until", Control::Day)
                .hint("Nothing that is due by this day comes to you.")
                .optional(),
            Field::new(
                "institutions",
                "Where you belong, and where you did",
                Control::Area { rows: 4 },
            )
            .hint(
                "One on each line. If you have left it, say when: Riverside University; until \
                 2024-05-31",
            )
            .optional(),
            Field::new(
                "coauthors",
                "Mail addresses of people you work with",
                Control::Area { rows: 4 },
            )
            .hint(
                "Co-authors, students, supervisors: one on each line. You are never asked about \
                 their applications. Only the comparison sees them.",
            )
            .optional(),
        ];
        topics.chain(rest).map(|field| self.input.fill(field)).collect()
    }
}

impl Page for ProfileForm {
    fn title(&self) -> String {
        "You as a reviewer".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        html! {
            (back(routes::REVIEWS, "Reviews"))
            (error_summary(&fields))
            h1 { (self.title()) }
            p { "So that you are asked about what you know, and never about what you are not free "
                "to judge." }
            (form(frame, routes::REVIEWER, &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Save")) }
            }))
        }
    }
}
