//! What has to be shown, and by what.

use bursar_kernel::program::{AcceptedEvidence, EvidenceKind, EvidenceTerms, Verdict};
use bursar_kernel::{DomainList, MailDomain};
use bursar_toml::{Field, Table, nearest};

use super::text;

/// Months that evidence is believed for at the most: ten years.
const MONTHS_MAX: u32 = 120;

/// `[eligibility.evidence]`, where the file has it.
pub(super) fn evidence(eligibility: Table<'_>) -> Option<EvidenceTerms> {
    let table = eligibility.get("evidence").table()?;
    let shows = text(table, "shows");
    let mut levels: Vec<(String, String)> = Vec::new();
    for one in table.need("level").tables() {
        let id = super::id(&one.need("id"));
        let label = text(one, "label");
        let Some((id, label)) = id.zip(label) else { continue };
        if levels.iter().any(|(known, _)| known == id) {
            one.get("id").error(format!("two levels are called `{id}`"), "rename one of them");
        }
        levels.push((id.to_owned(), label));
    }
    let kinds = EvidenceKind::ALL.map(|kind| (kind.name(), kind));
    let mut accepts: Vec<AcceptedEvidence> = Vec::new();
    for one in table.need("accept").tables() {
        let kind = one.need("kind").word(&kinds);
        let level = level(&one.need("level"), &levels);
        let months = one.need("months").integer(1..=MONTHS_MAX);
        let (Some(kind), Some(level), Some(months)) = (kind, level, months) else { continue };
        if accepts.iter().any(|known| known.kind == kind) {
            one.get("kind").error(format!("`{}` is accepted twice", kind.name()), "keep one");
        }
        accepts.push(AcceptedEvidence { kind, level, months });
    }
    let needed = |key: &str| {
        let field = table.get(key);
        if table.has(key) { level(&field, &levels) } else { None }
    };
    let (to_submit, to_award) = (needed("to_submit"), needed("to_award"));
    let domains = DomainList {
        academic: domains(table, "academic", None),
        refused: domains(table, "not", Some("academic")),
    };
    if levels.is_empty() || accepts.is_empty() {
        return None;
    }
    Some(EvidenceTerms { shows: shows?, levels, accepts, to_submit, to_award, domains })
}

/// The level that a rule names, where it names one.
pub(super) fn of_a_rule(
    rule: Table<'_>,
    verdict: Option<Verdict>,
    terms: Option<&EvidenceTerms>,
) -> Option<usize> {
    if !rule.has("evidence") {
        let _ = rule.get("evidence").string();
        return None;
    }
    let field = rule.get("evidence");
    let Some(terms) = terms else {
        let _ = field.string();
        field.error("no level has a name here", "add `[eligibility.evidence]` with its levels");
        return None;
    };
    if verdict == Some(Verdict::Ineligible) {
        field.error("no evidence changes an exclusion", "let the verdict be \"flagged\"");
    }
    level(&field, &terms.levels)
}

fn level(field: &Field<'_>, levels: &[(String, String)]) -> Option<usize> {
    let named = field.text()?;
    let found = levels.iter().position(|(id, _)| id == named);
    if found.is_none() && !levels.is_empty() {
        let hint = match nearest(named, levels.iter().map(|(id, _)| id.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "use the `id` of a `[[eligibility.evidence.level]]`".to_owned(),
        };
        field.error(format!("there is no level `{named}`"), hint);
    }
    found
}

fn domains(table: Table<'_>, key: &str, other: Option<&str>) -> Vec<String> {
    let others = other.map(|other| table.get(other).texts()).unwrap_or_default();
    let mut domains: Vec<String> = Vec::new();
    for element in table.get(key).texts() {
        let sound = !element.text.contains(['@', '*', '/']);
        let Some(domain) = MailDomain::of(element.text).filter(|_| sound) else {
            table.error_at(
                element.place,
                format!("`{}` is not a domain", element.text),
                "write it as in an address, after the `@`: `example.edu`; what lies below is \
                 meant with it",
            );
            continue;
        };
        let is_same = |other: &str| MailDomain::of(other) == Some(domain);
        if others.iter().any(|other| is_same(other.text)) || domains.iter().any(|it| is_same(it)) {
            table.error_at(
                element.place,
                format!("`{}` stands there twice", element.text),
                "keep it once, in one of the two lists",
            );
        }
        domains.push(domain.as_str().to_owned());
    }
    domains
}
