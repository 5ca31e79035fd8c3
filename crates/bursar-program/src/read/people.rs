//! Who qualifies, for what and where.

use bursar_kernel::program::{
    Countries, Eligibility, EligibilityRule, FieldKind, Priority, Verdict,
};
use bursar_toml::{Table, nearest};

use super::form::{Form, OPTIONS_FROM, OptionsFrom};
use super::text;

const VERDICTS: [(&str, Verdict); 3] = [
    ("eligible", Verdict::Eligible),
    ("flagged", Verdict::Flagged),
    ("ineligible", Verdict::Ineligible),
];

/// Subjects by value and label; a program without any welcomes all.
pub(super) fn areas(root: Table<'_>) -> Vec<(String, String)> {
    root.get("areas").table().map_or_else(Vec::new, pairs)
}

pub(super) fn countries(root: Table<'_>) -> Option<Countries> {
    let table = root.need("countries").table()?;
    let source = text(table, "source");
    let as_of = table.need("as_of").date();
    let names = table.need("supported").table().map_or_else(Vec::new, Table::strings_by_name);
    for (code, _) in &names {
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            table.get("supported").error(
                format!("`{code}` is not a country code"),
                "use the two capital letters of ISO 3166-1",
            );
        }
    }
    let mut supported: Vec<(String, String)> =
        names.into_iter().map(|(code, name)| (code.to_owned(), name.to_owned())).collect();
    supported.sort_by(|a, b| a.1.cmp(&b.1));
    Some(Countries { supported, source: source?, as_of: as_of? })
}

/// Lists of the file that a question takes its options from, and a rule its answers.
#[derive(Clone, Copy)]
pub(super) struct Lists<'p> {
    pub(super) areas: &'p [(String, String)],
    pub(super) countries: Option<&'p Countries>,
}

impl Lists<'_> {
    /// The values of one of the lists.
    fn values(self, from: OptionsFrom) -> Vec<String> {
        let pairs = match from {
            OptionsFrom::Areas => self.areas,
            OptionsFrom::Countries => self.countries.map_or(&[][..], |list| &list.supported),
        };
        pairs.iter().map(|(value, _)| value.clone()).collect()
    }
}

pub(super) fn eligibility(root: Table<'_>, form: &Form, lists: Lists<'_>) -> Eligibility {
    let Some(table) = root.get("eligibility").table() else {
        return Eligibility::default();
    };
    let evidence = super::evidence::evidence(table);
    let rules = table.get("rule").tables().into_iter().filter_map(|rule| {
        let answered = answered(rule, form, lists);
        let verdict = rule.need("verdict").word(&VERDICTS);
        let reason = text(rule, "reason");
        let advice = rule.get("advice").text().map(str::to_owned);
        let evidence = super::evidence::of_a_rule(rule, verdict, evidence.as_ref());
        let ((field, answers), verdict, reason) = (answered?, verdict?, reason?);
        Some(EligibilityRule { field, answers, verdict, reason, advice, evidence })
    });
    let rules = rules.collect();
    let priorities = table.get("priority").tables().into_iter().filter_map(|priority| {
        let answered = answered(priority, form, lists);
        let points = priority.need("points").integer(1..=100_u32);
        let reason = text(priority, "reason");
        let (field, answers) = answered?;
        Some(Priority { field, answers, points: points?, reason: reason? })
    });
    let priorities = priorities.collect();
    let ask = table.get("ask").text().map(str::to_owned);
    Eligibility { rules, priorities, ask, evidence }
}

/// The choice that a rule is about, and which of its answers.
pub(super) fn answered(
    rule: Table<'_>,
    form: &Form,
    lists: Lists<'_>,
) -> Option<(String, Vec<String>)> {
    let field = rule.need("field");
    let listed = rule.get("answers_from").word(&OPTIONS_FROM).map(|from| lists.values(from));
    let answers = if rule.has("answers_from") { Vec::new() } else { rule.need("answers").texts() };
    let id = field.text()?;
    if form.is_broken(id) {
        return None;
    }
    let Some(kind) = form.kind_of(id) else {
        let hint = match nearest(id, form.fields.iter().map(|question| question.id.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name a question of the form".to_owned(),
        };
        field.error(format!("the form has no question `{id}`"), hint);
        return None;
    };
    let FieldKind::Choice { options } = kind else {
        field.error(format!("question `{id}` is not a choice"), "rules are about choices only");
        return None;
    };
    for answer in &answers {
        if options.iter().all(|(value, _)| value != answer.text) {
            let hint = match nearest(answer.text, options.iter().map(|(value, _)| value.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "use the value of an option, not its label".to_owned(),
            };
            rule.error_at(answer.place, format!("`{id}` has no option `{}`", answer.text), hint);
        }
    }
    let named = answers.iter().map(|answer| answer.text.to_owned()).collect();
    Some((id.to_owned(), listed.unwrap_or(named)))
}

fn pairs(table: Table<'_>) -> Vec<(String, String)> {
    let pairs = table.strings_by_name().into_iter();
    pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}
