//! Who spends a grant: invited, changed, taken out, and the invitation itself.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::invitation::InvitationState;
use bursar_award::participants::{Part, Participant};
use bursar_kernel::program::WalletPeople;
use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId};
use bursar_service::{KeyLine, ServiceError};
use bursar_store::Spend;
use bursar_store::rows::Key;
use bursar_studies::{
    ChangePart, GrantPeople, KeysGo, NewParticipant, PersonLine, Removal, answer_invitation,
    change_part, invite, invite_co_applicants, keys_at_stake, remove, send_again,
};
use bursar_study_pages::people::{
    ChangePerson, GrantInvitationPage, PartForm, PeoplePage, PersonRow, RemovePerson, Removing,
    Stands,
};
use bursar_study_pages::studies::StudyKey;
use bursar_ui::{Choice, Input, Status, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit, invalid};

use crate::studies::key_row;

type Which = (GrantId, ParticipantId);

pub(crate) async fn show(visit: Visit, At(id): At<GrantId>) -> Answer {
    show_with(&visit, id, Input::default()).await
}

async fn show_with(visit: &Visit, id: GrantId, input: Input) -> Answer {
    let found = bursar_studies::people(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    let lets_in = found.program.people;
    let invites = !found.may_give.is_empty() && lets_in != WalletPeople::None;
    visit.page(&PeoplePage {
        grant: id,
        title: found.within.grant.title.clone(),
        holder: (bursar_web::name_of(&found.holder), found.holder.email.clone()),
        people: found.people.iter().map(|line| row(visit, line, &found)).collect(),
        lets_in: match lets_in {
            WalletPeople::None => "The program lets nobody else spend it.",
            WalletPeople::SameInstitution => "The program lets in people of the same institution.",
            WalletPeople::Anyone => "The program lets in whomever they invite.",
        }
        .to_owned(),
        co_applicants: found
            .co_applicants
            .iter()
            .filter(|_| invites)
            .map(|(email, role)| (email.clone(), role.in_words().to_owned()))
            .collect(),
        invite: invites.then(|| part_form(&found, input)),
    })
}

fn part_form(found: &GrantPeople, input: Input) -> PartForm {
    let role = |role: &GrantRole| {
        let (label, hint) = in_words(*role);
        Choice::hinted(role.name(), label, hint)
    };
    let studies = found.studies.iter();
    PartForm {
        roles: found.may_give.iter().map(role).collect(),
        studies: studies.map(|it| Choice::new(it.id.to_string(), &*it.terms.name)).collect(),
        input,
    }
}

/// A role as a choice and as a line of a list, with what it lets somebody do.
const fn in_words(role: GrantRole) -> (&'static str, &'static str) {
    match role {
        GrantRole::Manager => (
            "A manager",
            "Runs studies and keys, moves budget, invites members. Passes no credit on.",
        ),
        GrantRole::Member => {
            ("A member", "Makes keys of their own, and sees what those and their studies spend.")
        }
        GrantRole::ReadOnly => ("Read-only", "Sees every figure, and changes nothing."),
    }
}

fn row(visit: &Visit, line: &PersonLine, found: &GrantPeople) -> PersonRow {
    let participant = &line.participant;
    let (state, now) = (participant.state, visit.frame().now);
    let waits = state == InvitationState::Invited;
    let named = |id: &StudyId| {
        let study = found.studies.iter().find(|study| study.id == *id);
        study.map_or_else(|| "a study that is closed".to_owned(), |it| it.terms.name.clone())
    };
    PersonRow {
        id: participant.id,
        name: name(line),
        email: participant.email.clone(),
        role: in_words(participant.part.role).0.to_owned(),
        studies: participant.part.studies.iter().flatten().map(named).collect(),
        status: match state {
            InvitationState::Invited if participant.is_open(now) => {
                Status::new(Tone::Info, "Invited")
            }
            InvitationState::Invited => Status::new(Tone::Neutral, "Expired"),
            InvitationState::Accepted => Status::new(Tone::Good, "Takes part"),
            InvitationState::Declined => Status::new(Tone::Neutral, "Declined"),
            InvitationState::Removed => Status::new(Tone::Neutral, "Out"),
        },
        answer_by: (waits && participant.is_open(now)).then_some(participant.expires_at),
        spent: line.spent.filter(|_| line.person.is_some()).map(|spent| (line.keys, spent)),
        may_change: line.may_manage && state.is_there(),
        may_send_again: line.may_manage && waits,
        ends: match (state.is_there(), line.is_self, line.may_manage, waits) {
            (true, true, _, _) => Some("Leave"),
            (true, false, true, true) => Some("Take it back"),
            (true, false, true, false) => Some("Take out"),
            (false, _, _, _) | (true, false, false, _) => None,
        },
    }
}

fn name(line: &PersonLine) -> String {
    line.person.as_ref().map_or_else(|| line.participant.email.clone(), bursar_web::name_of)
}

pub(crate) async fn invites(At(grant): At<GrantId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let invited = match part(&form) {
        Ok(part) => {
            let email = form.field("email").to_owned();
            invite(service, viewer, NewParticipant { grant, email, part }).await
        }
        Err(error) => Err(error),
    };
    match invited {
        Ok(_) => form.visit.done(&routes::grant_people(grant), Done::Invited),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, grant, input).await
        }
    }
}

/// What the form says somebody may do, and where.
fn part(form: &Posted) -> Result<Part, ServiceError> {
    let role = GrantRole::from_name(form.field("role"));
    let role = role.ok_or_else(|| invalid("role", "Select what they may do"))?;
    let lines = form.field("studies").lines().map(str::trim).filter(|line| !line.is_empty());
    let studies: Result<BTreeSet<StudyId>, _> = lines.map(str::parse).collect();
    let studies = studies.map_err(|_| invalid("studies", "Choose studies of this grant"))?;
    Ok(Part { role, studies: (!studies.is_empty()).then_some(studies) })
}

fn keys_go(form: &Posted) -> Result<KeysGo, ServiceError> {
    match form.field("keys_to").trim() {
        "" => Ok(KeysGo::Revoke),
        text => match text.parse() {
            Ok(person) => Ok(KeysGo::HandTo(person)),
            Err(_) => Err(invalid("keys_to", "Choose who has the keys then")),
        },
    }
}

/// A form without the version that it was made from is of nobody's making.
fn version(form: &Posted) -> u64 {
    form.field("version").parse().unwrap_or(0)
}

pub(crate) async fn applied(At(id): At<GrantId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match invite_co_applicants(service, viewer, id).await {
        Ok(_) => form.visit.done(&routes::grant_people(id), Done::Invited),
        Err(error) => {
            form.visit.again(error)?;
            show_with(&form.visit, id, Input::default()).await
        }
    }
}

pub(crate) async fn again(At((id, person)): At<Which>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match send_again(service, viewer, (id, person)).await {
        Ok(_) => form.visit.done(&routes::grant_people(id), Done::Invited),
        Err(error) => {
            form.visit.again(error)?;
            show_with(&form.visit, id, Input::default()).await
        }
    }
}

/// The address of a form that stands on the list, as a browser asks for it after signing in anew.
pub(crate) async fn back_to_people(visit: Visit, At(id): At<GrantId>) -> Answer {
    visit.go(&routes::grant_people(id))
}

/// The same, of somebody's.
pub(crate) async fn back_to_list(visit: Visit, At((id, _)): At<Which>) -> Answer {
    visit.go(&routes::grant_people(id))
}

pub(crate) async fn ask_change(visit: Visit, At(which): At<Which>) -> Answer {
    let row = keys_at_stake(visit.service(), &visit.viewer, which, None).await.or_page(&visit)?.0;
    let studies = row.part.studies.iter().flatten().map(ToString::to_string);
    let values = [
        ("role".to_owned(), row.part.role.name().to_owned()),
        ("studies".to_owned(), studies.collect::<Vec<_>>().join("\n")),
    ];
    let input = Input { values: BTreeMap::from(values), errors: BTreeMap::new() };
    change_page(&visit, which, input).await
}

async fn change_page(visit: &Visit, which: Which, input: Input) -> Answer {
    let (service, viewer) = (visit.service(), &visit.viewer);
    let found = bursar_studies::people(service, viewer, which.0).await.or_page(visit)?;
    let line = line_of(visit, &found, which.1)?;
    if !line.may_manage || !line.participant.state.is_there() {
        return Err(visit.not_found());
    }
    let (row, keys) = keys_at_stake(service, viewer, which, None).await.or_page(visit)?;
    visit.page(&ChangePerson {
        grant: which.0,
        id: which.1,
        name: name(line),
        version: row.version,
        keys: key_rows(visit, which.0, &keys).await?,
        others: others(&found, &row),
        part: part_form(&found, input),
    })
}

fn line_of<'a>(
    visit: &Visit,
    found: &'a GrantPeople,
    id: ParticipantId,
) -> Result<&'a PersonLine, Trouble> {
    let line = found.people.iter().find(|line| line.participant.id == id);
    line.ok_or_else(|| visit.not_found())
}

/// Those who could have somebody's keys: the holder, and whoever else may have any.
fn others(found: &GrantPeople, row: &Participant) -> Vec<Choice> {
    let takes = |line: &&PersonLine| {
        let other = &line.participant;
        let has_keys = other.part.role != GrantRole::ReadOnly;
        other.state == InvitationState::Accepted && has_keys && other.person != row.person
    };
    let choice = |id: PersonId, name: &str| Choice::new(id.to_string(), name.to_owned());
    let holder = choice(found.holder.id, &bursar_web::name_of(&found.holder));
    let people = found.people.iter().filter(takes);
    let people = people.filter_map(|line| Some(choice(line.participant.person?, &name(line))));
    std::iter::once(holder).chain(people).collect()
}

async fn key_rows(visit: &Visit, grant: GrantId, keys: &[Key]) -> Result<Vec<StudyKey>, Trouble> {
    let spends = visit.service().grant(&visit.viewer, grant).await.or_page(visit)?.keys;
    let spend = |key: &Key| {
        let found = spends.iter().find(|line| line.key.id == key.id);
        found.map_or_else(Spend::default, |line| line.spend)
    };
    let now = visit.frame().now;
    let line = |key: &Key| KeyLine { key: key.clone(), spend: spend(key) };
    Ok(keys.iter().map(|key| key_row(&line(key), None, now)).collect())
}

pub(crate) async fn change(At(which): At<Which>, mut form: Posted) -> Answer {
    let (grant, participant) = which;
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let changed = match (part(&form), keys_go(&form)) {
        (Ok(part), Ok(keys)) => {
            let version = Some(version(&form));
            let wanted = ChangePart { grant, participant, part, version, keys };
            change_part(service, viewer, wanted).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match changed {
        Ok(_) => form.visit.done(&routes::grant_people(grant), Done::PartChanged),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            change_page(&form.visit, which, input).await
        }
    }
}

pub(crate) async fn ask_remove(visit: Visit, At(which): At<Which>) -> Answer {
    remove_page(&visit, which, Input::default()).await
}

async fn remove_page(visit: &Visit, which: Which, input: Input) -> Answer {
    let (service, viewer) = (visit.service(), &visit.viewer);
    let found = bursar_studies::people(service, viewer, which.0).await.or_page(visit)?;
    let line = line_of(visit, &found, which.1)?;
    let (row, keys) = keys_at_stake(service, viewer, which, None).await.or_page(visit)?;
    if !row.state.is_there() {
        return Err(visit.not_found());
    }
    visit.page(&RemovePerson {
        grant: which.0,
        id: which.1,
        name: name(line),
        version: row.version,
        what: match (line.is_self, row.state == InvitationState::Invited) {
            (true, _) => Removing::Leave,
            (false, true) => Removing::TakeBack,
            (false, false) => Removing::TakeOut,
        },
        keys: key_rows(visit, which.0, &keys).await?,
        others: others(&found, &row),
        input,
    })
}

pub(crate) async fn removes(At(which): At<Which>, mut form: Posted) -> Answer {
    let (grant, participant) = which;
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let removed = match keys_go(&form) {
        Ok(keys) => {
            let version = Some(version(&form));
            remove(service, viewer, Removal { grant, participant, version, keys }).await
        }
        Err(error) => Err(error),
    };
    match removed {
        // Whoever has left does not see it any more.
        Ok(row) if row.person.is_some() && row.person == viewer.person() => {
            form.visit.done(routes::GRANTS, Done::GrantLeft)
        }
        Ok(_) => form.visit.done(&routes::grant_people(grant), Done::Uninvited),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            remove_page(&form.visit, which, input).await
        }
    }
}

pub(crate) async fn invitation(visit: Visit, At(secret): At<String>) -> Answer {
    let found = bursar_studies::invitation(visit.service(), &visit.viewer, &secret).await;
    let found = found.or_page(&visit)?;
    let row = &found.participant;
    let takes_part = visit.viewer.person().and_then(|person| row.part_of(person)).is_some();
    let (label, hint) = in_words(row.part.role);
    visit.page(&GrantInvitationPage {
        secret,
        by: (bursar_web::name_of(&found.by), found.by.email.clone()),
        program: found.program,
        title: found.title,
        role: format!("{label}. {hint}"),
        studies: found.studies,
        expires_at: row.expires_at,
        stands: match (takes_part, found.is_open, found.is_theirs) {
            (true, _, _) => Stands::Accepted(row.grant),
            (false, false, _) => Stands::Over,
            (false, true, false) => Stands::Elsewhere(row.email.clone()),
            (false, true, true) => Stands::Open,
        },
    })
}

pub(crate) async fn answer(At(secret): At<String>, mut form: Posted) -> Answer {
    let accepts = match form.field("answer") {
        "accept" => true,
        "decline" => false,
        _ => return form.visit.go(&routes::grant_invitation(&secret)),
    };
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match answer_invitation(service, viewer, &secret, accepts).await {
        Ok(id) if accepts => form.visit.done(&routes::grant(id), Done::GrantJoined),
        Ok(_) => form.visit.done(routes::GRANTS, Done::NotJoined),
        Err(error) => {
            form.visit.again(error)?;
            invitation(form.visit, At(secret)).await
        }
    }
}
