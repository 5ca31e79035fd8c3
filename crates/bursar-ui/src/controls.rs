//! Forms as HTML: label, hint, error, control, tied together for everybody.

use maud::{Markup, html};

use super::Frame;
use super::field::{Choice, Control, Counted, Field, FileShown};

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

/// One field. What its being asked depends on is said to the script, which hides it meanwhile.
pub fn field_html(field: &Field) -> Markup {
    let inside = match &field.control {
        Control::Radios(choices) => choices_html(field, choices, "radio"),
        Control::Checkboxes(choices) => choices_html(field, choices, "checkbox"),
        Control::Checkbox => checkbox(field),
        Control::Files { there, accept, takes, room } => {
            files(field, there, (accept, takes), *room)
        }
        Control::Institution { found } => institution(field, found.as_deref()),
        Control::Line { .. }
        | Control::Email { .. }
        | Control::Day
        | Control::Number
        | Control::Web
        | Control::Area { .. }
        | Control::Select(_)
        | Control::Amount => labelled(field),
    };
    match &field.show_if {
        None => inside,
        Some((on, answers)) => html! {
            div.depends data-show-if=(on) data-show-answers=(answers.join(" ")) { (inside) }
        },
    }
}

fn labelled(field: &Field) -> Markup {
    html! {
        div class=(group_class(field)) {
            label for=(field.name) { (field.label) (optional(field)) }
            (hint_and_error(field))
            (control(field))
            @if let Some(counted) = &field.counted { (count_line(field, counted)) }
        }
    }
}

/// What is counted: the limit without the script, how much is left with it. A line of its own is
/// read out, and only once the writer pauses.
fn count_line(field: &Field, counted: &Counted) -> Markup {
    let (most, unit) = (counted.most, counted.unit.name());
    html! {
        p.hint id={ (field.name) "-words" } data-count-of=(field.name) data-count-unit=(unit)
            data-count-max=(most) data-count-advised=[counted.advised] {
            "Up to " (most) " " (unit)
            @if let Some(advised) = counted.advised { "; " (advised) " are advised" }
        }
        p.visually-hidden id={ (field.name) "-said" } aria-live="polite" {}
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
        Control::Email { autocomplete } => html! {
            input type="email" id=(field.name) name=(field.name) value=(field.value)
                autocomplete=(autocomplete) inputmode="email" spellcheck="false"
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
        Control::Number => html! {
            input.short type="text" id=(field.name) name=(field.name) value=(field.value)
                autocomplete="off" inputmode="numeric" spellcheck="false"
                aria-describedby=[described] aria-invalid=[invalid];
        },
        Control::Web => html! {
            input type="text" id=(field.name) name=(field.name) value=(field.value)
                autocomplete="url" inputmode="url" spellcheck="false" autocapitalize="none"
                aria-describedby=[described] aria-invalid=[invalid];
        },
        Control::Area { rows } => html! {
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
        Control::Radios(_)
        | Control::Checkboxes(_)
        | Control::Checkbox
        | Control::Institution { .. }
        | Control::Files { .. } => html! {},
    }
}

/// Options that one column shows; more go beside each other where there is room.
const CHOICES_IN_A_COLUMN: usize = 20;

fn choices_html(field: &Field, choices: &[Choice], kind: &str) -> Markup {
    let chosen = |value: &str| match kind {
        "checkbox" => field.value.lines().any(|line| line == value),
        _ => field.value == value,
    };
    html! {
        fieldset class=(group_class(field)) aria-describedby=[described_by(field)] {
            legend { (field.label) (optional(field)) }
            (hint_and_error(field))
            div.choices[CHOICES_IN_A_COLUMN < choices.len()] {
                @for (index, choice) in choices.iter().enumerate() {
                    @let id = choice_id(field, index);
                    div.choice {
                        input type=(kind) id=(id) name=(field.name) value=(choice.value)
                            checked[chosen(&choice.value)]
                            aria-describedby=[choice.hint.as_ref().map(|_| format!("{id}-choice"))];
                        label for=(id) { (choice.label) }
                        @if let Some(hint) = &choice.hint {
                            p.hint id={ (id) "-choice" } { (hint) }
                        }
                    }
                }
            }
        }
    }
}

/// Files: a form that has them is sent as `multipart/form-data`.
fn files(field: &Field, there: &[FileShown], (accept, takes): (&str, &str), room: bool) -> Markup {
    let described = described_by(field).map_or_else(
        || format!("{}-takes", field.name),
        |described| format!("{described} {}-takes", field.name),
    );
    html! {
        div class=(group_class(field)) {
            @if room {
                label for=(field.name) { (field.label) (optional(field)) }
            } @else {
                p.label id=(field.name) { (field.label) (optional(field)) }
            }
            (hint_and_error(field))
            @if !there.is_empty() {
                ul.files {
                    @for file in there {
                        li {
                            a href=(file.href) download { (super::parts::name(&file.text)) }
                            button.link-button type="submit" name="remove" value=(file.remove) {
                                "Remove" span.visually-hidden { " " (file.text) }
                            }
                        }
                    }
                }
            }
            @if room {
                input type="file" id=(field.name) name=(field.name) accept=(accept)
                    aria-describedby=(described)
                    aria-invalid=[field.error.as_ref().map(|_| "true")];
                button.button.secondary type="submit" name="action" value="upload" { "Upload" }
            }
            p.hint id={ (field.name) "-takes" } { (takes) }
        }
    }
}

/// An institution: a line that the script completes while somebody types. Without it a button
/// looks, and what it found is there to be taken.
fn institution(field: &Field, found: Option<&[Choice]>) -> Markup {
    let list = format!("{}-institutions", field.name);
    let (name, id) = bursar_kernel::institution_of(&field.value);
    html! {
        div class=(group_class(field)) {
            label for=(field.name) { (field.label) (optional(field)) }
            (hint_and_error(field))
            input type="text" id=(field.name) name=(field.name) value=(field.value) dir="auto"
                autocomplete="off" spellcheck="false" list=(list)
                data-institutions=(super::routes::INSTITUTIONS)
                aria-describedby=[described_by(field)]
                aria-invalid=[field.error.as_ref().map(|_| "true")];
            datalist id=(list) {}
            @if let Some(id) = id {
                p.hint { "Known to ROR as "
                    a href={ "https://ror.org/" (id) } rel="external noreferrer" { (name) } "." }
            }
            button.button.secondary type="submit" name="action"
                value={ "find:" (field.name) } { "Find it by name" }
            @if let Some(found) = found {
                div role="status" {
                    @if found.is_empty() {
                        p.hint { "No institution has such a name. Keep what you wrote, or try \
                            another name of it." }
                    } @else {
                        p.hint { "Take one of these, or keep what you wrote:" }
                    }
                }
                ul.found {
                    @for choice in found {
                        li {
                            button.link-button type="submit" name="pick"
                                value={ (field.name) ":" (choice.value) } {
                                (super::parts::name(&choice.label))
                            }
                            @if let Some(hint) = &choice.hint { span.muted { " " (hint) } }
                        }
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
    let counted = field.counted.is_some();
    let parts: Vec<String> = [
        field.hint.as_ref().map(|_| "hint"),
        field.error.as_ref().map(|_| "error"),
        counted.then_some("words"),
    ]
    .into_iter()
    .flatten()
    .map(|part| format!("{}-{part}", field.name))
    .collect();
    if parts.is_empty() { None } else { Some(parts.join(" ")) }
}
