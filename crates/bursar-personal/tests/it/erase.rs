//! Whoever is forgotten is found nowhere, and the books are as provable as before.

use std::collections::BTreeSet;

use bursar_award::invitation::InvitationState;
use bursar_award::participants::{Part, Participant};
use bursar_award::review_draft::ReviewDraft;
use bursar_award::{Earlier, Recommendation, Review, State};
use bursar_kernel::{
    ApplicationId, GrantId, GrantRole, KeyId, MemberRole, ParticipantId, PersonId, ReviewId, Scope,
    StudyId, Timestamp,
};
use bursar_personal::{
    Confirming, GRACE, Obstacle, ask_to_be_forgotten, cancel_erasure, confirm_erasure, erase_due,
    forgetting, look_at_erasure,
};
use bursar_post::Post as _;
use bursar_service::ServiceError;
use bursar_store::rows::{ErasureState, Key, LinkedIdentity, Passkey, Person, Study, StudyTerms};
use bursar_store::{ApplicationFilter, ApplyingWrite, Batch, Expect, GrantFilter, Row, Write};
use jiff::SignedDuration;

use crate::house::House;

const FILE: &str = "what stood in a file of theirs";
const REVIEWED: &str = "what stood in a review, a note of one or a draft";
/// Characters of an answer that nobody else gives.
const TELLING: usize = 40;

impl House {
    /// People who could be forgotten at once: with grants and calls, with drafts, with neither.
    async fn free(&self) -> Vec<PersonId> {
        let mut free = Vec::new();
        for person in self.service.store().people().await.unwrap() {
            let viewer = self.viewer(person.id).await;
            if forgetting(&self.service, &viewer).await.unwrap().obstacles.is_empty() {
                free.push(person.id);
            }
        }
        free
    }

    async fn applications(&self, applicant: PersonId) -> Vec<bursar_award::Application> {
        let filter =
            ApplicationFilter { applicant: Some(applicant), ..ApplicationFilter::default() };
        self.service.store().applications(filter).await.unwrap()
    }

    /// Words that are only theirs.
    async fn words(&self, person: PersonId) -> BTreeSet<String> {
        let who = self.person(person).await;
        let mut words = BTreeSet::from([who.email, who.name, FILE.to_owned(), REVIEWED.to_owned()]);
        for application in self.applications(person).await {
            let answers = application.answers.into_values();
            words.extend(answers.filter(|answer| TELLING <= answer.chars().count()));
        }
        let filter = GrantFilter { holder: Some(person), ..GrantFilter::default() };
        for grant in self.service.store().grants(filter).await.unwrap() {
            for study in self.service.store().studies(grant.id).await.unwrap() {
                words.extend([study.terms.name, study.terms.notes]);
            }
            words.insert(grant.title);
        }
        words.into_iter().map(|word| word.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// What people leave behind that the world has nothing of.
    async fn litter(&self, person: PersonId, application: Option<ApplicationId>) {
        let (who, now) = (self.person(person).await, self.service.now());
        let identity = LinkedIdentity {
            issuer: "https://id.example".to_owned(),
            subject: format!("subject of {}", who.email),
            person: Some(person),
            provider: "home".to_owned(),
            email: Some(who.email.clone()),
            orcid: None,
            at: now,
            version: 1,
        };
        let passkey = Passkey {
            id: who.email.clone(),
            person: Some(person),
            name: format!("{}'s laptop", who.name),
            public_key: String::new(),
            count: 0,
            can_be_copied: false,
            created_at: now,
            last_used_at: None,
            version: 1,
        };
        let link = "http://127.0.0.1:1/invitations/x";
        let letter = bursar_letters::invited(&who.name, &who.email, "P", MemberRole::Edit, link);
        let mut batch = Batch::new(bursar_kernel::Actor::Person(person), now)
            .with(Write::Row(Row::Identity(Box::new(identity)), Expect::New))
            .with(Write::Row(Row::Passkey(Box::new(passkey)), Expect::New))
            .with(letter.to("somebody@else.example", now));
        let line = bursar_service::audit_line(&batch, "grant.stopped", "x", who.email.clone());
        batch = batch.with(line);
        let filter = GrantFilter { holder: Some(person), ..GrantFilter::default() };
        for grant in self.service.store().grants(filter).await.unwrap() {
            let study = Study {
                id: StudyId::from_bytes(grant.id.to_bytes()),
                grant: grant.id,
                holder: person,
                terms: StudyTerms {
                    name: format!("{}: ablations", who.name),
                    notes: format!("ask {}", who.email),
                    tags: vec![who.name.clone()],
                    ..StudyTerms::default()
                },
                created_at: now,
                closed_at: None,
                version: 1,
            };
            batch = batch.with(Write::Row(Row::Study(Box::new(study)), Expect::New));
        }
        for write in self.parts(&who) {
            batch = batch.with(write);
        }
        // One that they wrote, and one of what they handed in.
        let theirs = reviewed(ApplicationId::from_bytes(person.to_bytes()), person, now);
        let about = application.map(|id| reviewed(id, PersonId::from_bytes([6; 16]), now));
        for write in theirs.into_iter().chain(about.into_iter().flatten()) {
            batch = batch.with(write);
        }
        if let Some(application) = application {
            let bytes = FILE.as_bytes().to_vec();
            batch = batch.with(ApplyingWrite::FilePart {
                application,
                hash: [9; 32],
                number: 0,
                bytes,
            });
        }
        self.service.store().commit(batch).await.unwrap();
    }

    /// They take part in a grant of somebody else's, with a key, and are invited to another.
    fn parts(&self, who: &Person) -> Vec<Write> {
        let (now, bytes) = (self.service.now(), who.id.to_bytes());
        let grant = |last: u8| {
            let mut bytes = bytes;
            bytes[15] = last;
            GrantId::from_bytes(bytes)
        };
        let invited = Participant {
            id: ParticipantId::from_bytes(grant(1).to_bytes()),
            grant: grant(1),
            email: who.email.clone(),
            part: Part::whole(GrantRole::Member),
            state: InvitationState::Invited,
            person: None,
            secret_hash: bursar_service::hash_of(&grant(1).to_string()),
            invited_by: None,
            invited_at: now,
            expires_at: now,
            answered_at: None,
            removed_at: None,
            version: 1,
        };
        let joined = Participant {
            id: ParticipantId::from_bytes(grant(2).to_bytes()),
            grant: grant(2),
            state: InvitationState::Accepted,
            person: Some(who.id),
            secret_hash: bursar_service::hash_of(&grant(2).to_string()),
            ..invited.clone()
        };
        let key = Key {
            id: KeyId::from_bytes(grant(2).to_bytes()),
            grant: grant(2),
            holder: PersonId::from_bytes([5; 16]),
            person: who.id,
            name: format!("{}'s machine", who.name),
            secret_hash: joined.secret_hash,
            hint: "x7q2".to_owned(),
            cap: None,
            study: None,
            scope: Scope::default(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
            version: 1,
        };
        let rows = [
            Row::Participant(Box::new(invited)),
            Row::Participant(Box::new(joined)),
            Row::Key(Box::new(key)),
        ];
        rows.map(|row| Write::Row(row, Expect::New)).to_vec()
    }

    /// The secret of the link that was mailed last.
    async fn link(&self, person: PersonId) -> String {
        let email = self.person(person).await.email;
        let mails = self.service.store().mails_to(email, None, 1).await.unwrap();
        let (_, rest) = mails[0].body.split_once("/erasure/").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    async fn confirmed(&self, person: PersonId, returns_credit: bool) {
        let viewer = self.viewer(person).await;
        ask_to_be_forgotten(&self.service, &viewer, returns_credit).await.unwrap();
        let secret = self.link(person).await;
        let told = look_at_erasure(&self.service, &secret).await.unwrap();
        assert!(matches!(told, Confirming::Ready { .. }), "{told:?}");
        confirm_erasure(&self.service, &secret).await.unwrap();
        let told = look_at_erasure(&self.service, &secret).await.unwrap();
        assert_eq!(told, Confirming::Dead);
        let again = confirm_erasure(&self.service, &secret).await;
        assert!(matches!(again, Err(ServiceError::Refused(_))), "{again:?}");
    }

    fn turn(&self, duration: SignedDuration) {
        self.clock.turn_to(self.service.now() + duration);
    }

    async fn state(&self, person: PersonId) -> ErasureState {
        self.service.store().erasure(person).await.unwrap().unwrap().state
    }
}

/// A review and a draft of one, with words in every place.
fn reviewed(application: ApplicationId, reviewer: PersonId, at: Timestamp) -> [Write; 2] {
    let (comment, for_officer) = (REVIEWED.to_owned(), REVIEWED.to_owned());
    let earlier = Earlier {
        recommendation: Recommendation::Unsure,
        comment: comment.clone(),
        for_officer: for_officer.clone(),
        scores: [].into(),
        submitted_at: at,
    };
    let review = Review {
        id: ReviewId::from_bytes(application.to_bytes()),
        application,
        reviewer,
        recommendation: Recommendation::Award,
        comment,
        for_officer,
        scores: [].into(),
        submitted_at: at,
        earlier: vec![earlier],
        version: 1,
    };
    let draft = ReviewDraft {
        application,
        reviewer,
        fields: [("comment".to_owned(), REVIEWED.to_owned())].into(),
        saved_at: at,
        version: 1,
    };
    let rows = [Row::Review(review), Row::ReviewDraft(Box::new(draft))];
    rows.map(|row| Write::Row(row, Expect::New))
}

async fn forgets(house: House) {
    let free = house.free().await;
    let mut words = BTreeSet::new();
    let (mut grants, mut drafts) = (0, 0);
    for (number, person) in free.iter().enumerate() {
        let applications = house.applications(*person).await;
        drafts += applications.iter().filter(|one| one.state == State::Draft).count();
        grants += applications.iter().filter(|one| one.grant.is_some()).count();
        house.litter(*person, applications.first().map(|one| one.id)).await;
        words.extend(house.words(*person).await);
        house.confirmed(*person, number % 2 == 0).await;
    }
    assert!(3 < free.len() && 0 < grants && 0 < drafts, "{} {grants} {drafts}", free.len());
    let found = |dump: &[String], word: &String| dump.iter().any(|row| row.contains(word.as_str()));
    let before = house.dump().await;
    words.retain(|word| !word.is_empty());
    assert!(words.iter().any(|word| found(&before, word)));

    assert_eq!(erase_due(&house.service).await.unwrap(), 0, "it is not their day");
    house.turn(GRACE);
    assert_eq!(erase_due(&house.service).await.unwrap(), free.len());
    assert_eq!(erase_due(&house.service).await.unwrap(), 0, "once");
    // The last letter is kept until it was sent.
    for person in &free {
        assert_eq!(house.state(*person).await, ErasureState::Parting);
        let erasure = house.service.store().erasure(*person).await.unwrap().unwrap();
        let batch = Batch::new(bursar_kernel::Actor::Operator, house.service.now());
        let sent = Write::MailSent(erasure.parting.unwrap());
        house.service.store().commit(batch.with(sent)).await.unwrap();
    }
    erase_due(&house.service).await.unwrap();
    let after = house.dump().await;
    assert!(words.contains(REVIEWED) && found(&before, &REVIEWED.to_owned()));
    for word in &words {
        let row = after.iter().find(|row| row.contains(word.as_str()));
        assert_eq!(row, None, "`{word}` is still there");
    }
    for person in &free {
        assert_eq!(house.state(*person).await, ErasureState::Done);
        let parts = house.service.store().participations(*person).await.unwrap();
        assert!(parts.iter().all(|row| row.part_of(*person).is_none()), "they take part nowhere");
        let keys = house.service.store().keys(parts[0].grant).await.unwrap();
        assert!(keys.iter().all(|key| key.revoked_at.is_some()), "and no key of theirs works");
        let viewer = house.viewer(*person).await;
        let left = forgetting(&house.service, &viewer).await.unwrap().credit;
        let returned = house.service.store().erasure(*person).await.unwrap().unwrap();
        let returned = returned.returns_credit;
        assert!(!returned || left.iter().all(|left| !left.may_return), "{left:?}");
    }
    let (_, findings) = house.service.store().audit().await.unwrap().finish();
    assert_eq!(findings, []);
    house.service.run_due().await.unwrap();
    let (_, findings) = house.service.store().audit().await.unwrap().finish();
    assert_eq!(findings, []);
}

#[tokio::test]
async fn who_is_forgotten_is_found_nowhere() {
    forgets(House::on_sqlite().await).await;
}

#[tokio::test]
async fn who_is_forgotten_is_found_nowhere_in_postgres() {
    forgets(House::on_postgres().await).await;
}

#[tokio::test]
async fn what_is_open_is_ended_first() {
    let house = House::on_sqlite().await;
    let officer = house.viewer(house.world.officer).await;
    let told = forgetting(&house.service, &officer).await.unwrap();
    assert_eq!(told.obstacles, [Obstacle::Roles]);
    let told = ask_to_be_forgotten(&house.service, &officer, true).await;
    assert!(matches!(told, Err(ServiceError::Refused(_))), "{told:?}");
    // Something comes in the way before the day.
    let person = house.free().await[0];
    house.confirmed(person, true).await;
    let email = house.person(person).await.email;
    let roles = BTreeSet::from([bursar_kernel::Role::Reviewer]);
    let operator = bursar_policy::Viewer::Operator;
    house.service.appoint(&operator, &email, "Somebody Else", roles).await.unwrap();
    house.turn(GRACE);
    assert_eq!(erase_due(&house.service).await.unwrap(), 0);
    assert_eq!(house.state(person).await, ErasureState::Cancelled);
    assert_eq!(house.person(person).await.email, email);
    let mails = house.service.store().mails_to(email, None, 1).await.unwrap();
    assert_eq!(mails[0].letter, "erasure_stopped");
}

#[tokio::test]
async fn it_can_be_taken_back_until_its_day() {
    let house = House::on_sqlite().await;
    let person = house.free().await[0];
    let viewer = house.viewer(person).await;
    house.confirmed(person, false).await;
    let twice = ask_to_be_forgotten(&house.service, &viewer, true).await;
    assert!(matches!(twice, Err(ServiceError::Refused(_))), "{twice:?}");
    cancel_erasure(&house.service, &viewer).await.unwrap();
    assert!(cancel_erasure(&house.service, &viewer).await.is_err());
    house.turn(GRACE);
    assert_eq!(erase_due(&house.service).await.unwrap(), 0);
    // A link lives for a day.
    ask_to_be_forgotten(&house.service, &viewer, true).await.unwrap();
    let secret = house.link(person).await;
    house.turn(SignedDuration::from_hours(24));
    assert_eq!(look_at_erasure(&house.service, &secret).await.unwrap(), Confirming::Dead);
    assert!(confirm_erasure(&house.service, &secret).await.is_err());
}
