//! Forms as HTML: label, hint, error, control, tied together for everybody.

use maud::{Markup, html};

use super::Frame;
use super::field::{Choice, Control, Field};

/// A form that posts to `action`. The browser's own checks are off: the server says what is wrong.
pub fn form(frame: &Frame, action: &str, body: &Markup) -> Markup {
    html! {
        form.form method="post" action=(action) novalidate data-warn-unsaved {
            input type="hidden" name="csrf" value=(frame.csrf);
            (body)
        }
    }
}

/// A form of one button, for a step that needs no answers.
pub fn button_form(
    frame: &Frame,
    action: &str,
    fields: &[(&str, &str)],
    button: &Markup,
) -> Markup {
    html! {
        form.button-form method="post" action=(action) {
            input type="hidden" name="csrf" value=(frame.csrf);
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            (button)
        }
    }
}

/// Every mistake of a form in one place, each a link to its field. Nothing if there is none.
pub fn error_summary(fields: &[Field]) -> Markup {
    let mistakes = || fields.iter().filter_map(|field| Some((field, field.error.as_ref()?)));
    html! {
        @if mistakes().next().is_some() {
            div.error-summary role="alert" tabindex="-1" data-focus {
                h2 { "There is a problem" }
                ul {
                    @for (field, error) in mistakes() {
                        li { a href={ "#" (field.name) } { (error) } }
                    }
                }
            }
        }
    }
}

/// One field.
pub fn field_html(field: &Field) -> Markup {
    match &field.control {
        Control::Radios(choices) => radios(field, choices),
        Control::Checkbox => checkbox(field),
        Control::Line { .. }
        | Control::Email
        | Control::Day
        | Control::Area { .. }
        | Control::Select(_)
        | Control::Amount => labelled(field),
    }
}

fn labelled(field: &Field) -> Markup {
    html! {
        div class=(group_class(field)) {
            label for=(field.name) { (field.label) (optional(field)) }
            (hint_and_error(field))
            (control(field))
            @if let Control::Area { words_max: Some(most), .. } = &field.control {
                p.hint id={ (field.name) "-words" } data-words-of=(field.name)
                    data-words-max=(most) {
                    "Up to " (most) " words"
                }
            }
        }
    }
}

fn control(field: &Field) -> Markup {
    let described = described_by(field);
    let invalid = field.error.as_ref().map(|_| "true");
    match &field.control {
        Control::Line { autocomplete } => html! {
            input type="text" id=(field.name) name=(field.name) value=(field.value) dir="auto"
                autocomplete=(autocomplete) aria-describedby=[described] aria-invalid=[invalid];
        },
        Control::Email => html! {
            input type="email" id=(field.name) name=(field.name) value=(field.value)
                autocomplete="email" inputmode="email" spellcheck="false"
                aria-describedby=[described] aria-invalid=[invalid];
        },
        Control::Day => html! {
            input.short type="date" id=(field.name) name=(field.name) value=(field.value)
                autocomplete="off" aria-describedby=[described] aria-invalid=[invalid];
        },
        Control::Amount => html! {
            div.amount-input {
                span aria-hidden="true" { "$" }
                input type="text" id=(field.name) name=(field.name) value=(field.value)
                    autocomplete="off" inputmode="decimal" spellcheck="false"
                    aria-describedby=[described] aria-invalid=[invalid];
            }
        },
        Control::Area { rows, .. } => html! {
            textarea id=(field.name) name=(field.name) rows=(rows) dir="auto"
                autocomplete="off" aria-describedby=[described] aria-invalid=[invalid]
                { "\n" (field.value) }
        },
        Control::Select(choices) => html! {
            select id=(field.name) name=(field.name)
                aria-describedby=[described] aria-invalid=[invalid] {
                @for choice in choices {
                    option value=(choice.value) selected[choice.value == field.value] {
                        (choice.label)
                    }
                }
            }
        },
        Control::Radios(_) | Control::Checkbox => html! {},
    }
}

fn radios(field: &Field, choices: &[Choice]) -> Markup {
    html! {
        fieldset class=(group_class(field)) aria-describedby=[described_by(field)] {
            legend { (field.label) (optional(field)) }
            (hint_and_error(field))
            @for (index, choice) in choices.iter().enumerate() {
                @let id = choice_id(field, index);
                div.choice {
                    input type="radio" id=(id) name=(field.name) value=(choice.value)
                        checked[choice.value == field.value]
                        aria-describedby=[choice.hint.as_ref().map(|_| format!("{id}-hint"))];
                    label for=(id) { (choice.label) }
                    @if let Some(hint) = &choice.hint {
                        p.hint id={ (id) "-hint" } { (hint) }
                    }
                }
            }
        }
    }
}

/// The first option has the field's own id, so that the error summary's link leads to it.
fn choice_id(field: &Field, index: usize) -> String {
    if index == 0 { field.name.clone() } else { format!("{}-{index}", field.name) }
}

fn checkbox(field: &Field) -> Markup {
    html! {
        div class=(group_class(field)) {
            @if let Some(error) = &field.error { (error_line(field, error)) }
            div.choice {
                input type="checkbox" id=(field.name) name=(field.name) value="yes"
                    checked[field.value == "yes"] aria-describedby=[described_by(field)]
                    aria-invalid=[field.error.as_ref().map(|_| "true")];
                label for=(field.name) { (field.label) (optional(field)) }
                @if let Some(hint) = &field.hint {
                    p.hint id={ (field.name) "-hint" } { (hint) }
                }
            }
        }
    }
}

fn hint_and_error(field: &Field) -> Markup {
    html! {
        @if let Some(hint) = &field.hint { p.hint id={ (field.name) "-hint" } { (hint) } }
        @if let Some(error) = &field.error { (error_line(field, error)) }
    }
}

fn error_line(field: &Field, error: &str) -> Markup {
    html! {
        p.field-error id={ (field.name) "-error" } {
            span.visually-hidden { "Error: " } (error)
        }
    }
}

fn optional(field: &Field) -> Markup {
    html! { @if field.optional { span.optional { " (optional)" } } }
}

fn group_class(field: &Field) -> &'static str {
    if field.error.is_some() { "field field-wrong" } else { "field" }
}

fn described_by(field: &Field) -> Option<String> {
    let words = matches!(field.control, Control::Area { words_max: Some(_), .. });
    let parts: Vec<String> = [
        field.hint.as_ref().map(|_| "hint"),
        field.error.as_ref().map(|_| "error"),
        words.then_some("words"),
    ]
    .into_iter()
    .flatten()
    .map(|part| format!("{}-{part}", field.name))
    .collect();
    if parts.is_empty() { None } else { Some(parts.join(" ")) }
}
