//! What a reviewer says of themselves.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::ProgramId;
use bursar_review_pages::profile::ProfileForm;
use bursar_reviewing::{NewProfile, ProfilePage};
use bursar_ui::{Choice, Input, routes};
use bursar_web::{Answer, Done, OrPage as _, Posted, Visit};

pub(crate) async fn show(visit: Visit) -> Answer {
    let page = bursar_reviewing::profile(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let values = values(&page);
    let input = Input { values, errors: BTreeMap::new() };
    visit.page(&form_of(&page, input))
}

pub(crate) async fn save(mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let page = bursar_reviewing::profile(service, viewer).await.or_page(&form.visit)?;
    let topics = page.programs.iter().map(|(program, _)| {
        let chosen = form.field(&field_of(&program.id)).lines().map(str::to_owned);
        (program.id.clone(), chosen.collect::<BTreeSet<String>>())
    });
    let said = NewProfile {
        topics: topics.collect(),
        load_max: form.field("load_max").to_owned(),
        institutions: form.field("institutions").to_owned(),
        coauthors: form.field("coauthors").to_owned(),
        away_until: form.field("away_until").to_owned(),
    };
    match bursar_reviewing::save_profile(service, viewer, said).await {
        Ok(()) => form.visit.done(routes::REVIEWS, Done::ReviewerSaved),
        Err(error) => {
            let errors = form.visit.again(error)?;
            form.visit.page(&form_of(&page, form.input(errors)))
        }
    }
}

fn field_of(program: &ProgramId) -> String {
    format!("topics-{program}")
}

fn form_of(page: &ProfilePage, input: Input) -> ProfileForm {
    let programs = page.programs.iter().filter(|(_, topics)| !topics.is_empty());
    let programs = programs.map(|(program, topics)| {
        let choices = topics.iter().map(|(value, label)| Choice::new(value, label));
        (field_of(&program.id), program.name.clone(), choices.collect())
    });
    ProfileForm { programs: programs.collect(), input }
}

fn values(page: &ProfilePage) -> BTreeMap<String, String> {
    let profile = &page.profile;
    let topics = page.programs.iter().map(|(program, _)| {
        let known: Vec<String> = profile.topics_of(&program.id).into_iter().collect();
        (field_of(&program.id), known.join("\n"))
    });
    let rest = [
        ("load_max", profile.load_max.map_or_else(String::new, |most| most.to_string())),
        ("away_until", profile.away_until.map_or_else(String::new, |day| day.to_string())),
        ("institutions", page.institutions()),
        ("coauthors", page.coauthors()),
    ];
    topics.chain(rest.map(|(name, value)| (name.to_owned(), value))).collect()
}
