//! What reviewers say of themselves, so that they are asked what they know and may judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bursar_award::panel::{Belonged, COAUTHORS_MAX, INSTITUTIONS_MAX, Profile};
use bursar_kernel::{Program, ProgramId, institution_of};
use bursar_policy::Viewer;
use bursar_program::answers::FieldError;
use bursar_service::{Service, ServiceError, audit_line, batch_of, read_email};
use bursar_store::{Expect, Row, Write};
use jiff::civil::Date;

use crate::answers::reviewer_of;
use crate::facts::options;

/// Characters of an institution's name at the most.
const NAME_CHARACTERS_MAX: usize = 300;
/// What goes before the last day at an institution.
const UNTIL: &str = "; until ";
/// Applications in a round that somebody may say they take.
const LOAD_MAX: u32 = 500;

/// What an application can be about: values and labels.
pub type Topics = Vec<(String, String)>;

/// What a reviewer has said, and what they can say.
#[derive(Clone, Debug)]
pub struct ProfilePage {
    /// What they have said.
    pub profile: Profile,
    /// Programs with a panel, each with what its applications can be about: values and labels.
    pub programs: Vec<(Arc<Program>, Topics)>,
}

/// What a reviewer types.
#[derive(Clone, Debug, Default)]
pub struct NewProfile {
    /// What they know, by program: values of its topics.
    pub topics: BTreeMap<ProgramId, BTreeSet<String>>,
    /// Applications in a round at the most; empty is as many as the program asks.
    pub load_max: String,
    /// Institutions, a line each: `Riverside University; until 2024-05-31`.
    pub institutions: String,
    /// Addresses of co-authors, a line each.
    pub coauthors: String,
    /// A day before which they take nothing; empty for none.
    pub away_until: String,
}

/// What a reviewer has said of themselves.
pub async fn profile(service: &Service, viewer: &Viewer) -> Result<ProfilePage, ServiceError> {
    let person = reviewer_of(viewer)?;
    let profile = service.store().profile(person).await?;
    let with_panel = service.programs().iter().filter(|program| program.panel.is_some());
    let programs = with_panel.map(|program| (Arc::clone(program), options(program)));
    Ok(ProfilePage {
        profile: profile.unwrap_or_else(|| Profile::empty(person)),
        programs: programs.collect(),
    })
}

/// An institution as a reviewer types it.
pub(crate) fn typed(one: &Belonged) -> String {
    let id = one.ror.as_ref();
    let name =
        id.map_or_else(|| one.name.clone(), |id| bursar_kernel::institution_answer(&one.name, id));
    match one.until {
        Some(day) => format!("{name}{UNTIL}{day}"),
        None => name,
    }
}

impl ProfilePage {
    /// The institutions as they are typed.
    pub fn institutions(&self) -> String {
        let lines: Vec<String> = self.profile.institutions.iter().map(typed).collect();
        lines.join("\n")
    }

    /// The co-authors as they are typed.
    pub fn coauthors(&self) -> String {
        let lines: Vec<&str> = self.profile.coauthors.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}

/// Takes what a reviewer says of themselves; all that is wrong is said at once.
pub async fn save_profile(
    service: &Service,
    viewer: &Viewer,
    said: NewProfile,
) -> Result<(), ServiceError> {
    let page = profile(service, viewer).await?;
    let mut wrong = Vec::new();
    let mut keep = |field: &str, message: String| {
        wrong.push(FieldError { field: field.to_owned(), message });
    };
    let mut topics = BTreeMap::new();
    for (program, options) in &page.programs {
        let known = said.topics.get(&program.id).cloned().unwrap_or_default();
        let is_option = |value: &String| options.iter().any(|(option, _)| option == value);
        if !known.iter().all(is_option) {
            keep("topics", format!("Select topics of {}", program.name));
        }
        if !known.is_empty() {
            topics.insert(program.id.clone(), known);
        }
    }
    let load_max = match said.load_max.trim() {
        "" => None,
        text => match text.parse::<u32>() {
            Ok(most) if most <= LOAD_MAX => Some(most),
            _ => {
                keep("load_max", format!("Enter a whole number up to {LOAD_MAX}, or nothing"));
                None
            }
        },
    };
    let away_until = match said.away_until.trim() {
        "" => None,
        text => {
            let day = text.parse::<Date>().ok();
            if day.is_none() {
                keep("away_until", "Enter a day, like 2026-12-24".to_owned());
            }
            day
        }
    };
    let institutions = institutions(&said.institutions).unwrap_or_else(|message| {
        keep("institutions", message);
        Vec::new()
    });
    let coauthors = coauthors(&said.coauthors).unwrap_or_else(|message| {
        keep("coauthors", message);
        BTreeSet::new()
    });
    if !wrong.is_empty() {
        return Err(ServiceError::Invalid(wrong));
    }
    let before = page.profile;
    let expect = if before.version == 0 { Expect::New } else { Expect::Version(before.version) };
    let profile = Profile {
        person: before.person,
        topics,
        load_max,
        institutions,
        coauthors,
        away_until,
        version: before.version.saturating_add(1),
    };
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "reviewer.profile", profile.person, "");
    let write = Write::Row(Row::Profile(Box::new(profile)), expect);
    service.commit(batch.with(write).with(line)).await?;
    Ok(())
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn institutions(text: &str) -> Result<Vec<Belonged>, String> {
    let mut found = BTreeSet::new();
    for line in lines(text) {
        let (name, until) = match line.rsplit_once(UNTIL) {
            Some((name, day)) => {
                let day = day.trim().parse::<Date>();
                let day = day.map_err(|_| {
                    format!("Write the last day of “{name}” like this: {name}{UNTIL}2024-05-31")
                })?;
                (name, Some(day))
            }
            None => (line, None),
        };
        let (name, ror) = institution_of(name);
        if NAME_CHARACTERS_MAX < name.chars().count() {
            return Err(format!(
                "Name institutions in at most {NAME_CHARACTERS_MAX} characters each, a line each"
            ));
        }
        let (name, ror) = (name.to_owned(), ror.map(str::to_owned));
        found.insert(Belonged { name, ror, until });
    }
    if INSTITUTIONS_MAX < found.len() {
        return Err(format!("Name at most {INSTITUTIONS_MAX} institutions"));
    }
    Ok(found.into_iter().collect())
}

fn coauthors(text: &str) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    for line in lines(text) {
        let address = read_email(line);
        found.insert(address.map_err(|_| format!("“{line}” is no mail address"))?);
    }
    if COAUTHORS_MAX < found.len() {
        return Err(format!("Name at most {COAUTHORS_MAX} co-authors"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn institutions_are_read_as_they_are_written() {
        let text = "Riverside University; until 2024-05-31\n\n University of Oxford \
                    (ror.org/052gg0110)\n";
        let read = institutions(text).unwrap();
        let written: Vec<String> = read.iter().map(typed).collect();
        assert_eq!(institutions(&written.join("\n")), Ok(read.clone()));
        let shown: Vec<_> = read.iter().map(|one| (&*one.name, one.ror.as_deref())).collect();
        assert_eq!(
            shown,
            [("Riverside University", None), ("University of Oxford", Some("052gg0110"))]
        );
        let wrong = institutions("Riverside; until May").unwrap_err();
        assert_eq!(
            wrong,
            "Write the last day of “Riverside” like this: Riverside; until 2024-05-31"
        );
        assert!(institutions(&"x".repeat(301)).is_err());
        let many: Vec<String> = (0..21).map(|number| format!("U{number}")).collect();
        assert_eq!(institutions(&many.join("\n")).unwrap_err(), "Name at most 20 institutions");
        assert_eq!(coauthors("Eve@Lab.example \n eve@lab.example").unwrap().len(), 1);
        assert_eq!(coauthors("nobody").unwrap_err(), "“nobody” is no mail address");
    }
}
