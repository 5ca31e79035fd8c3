//! Rows to write, each with names of its own and nothing left at its default.

use bursar_award::{Application, Earlier, Event, Recommendation, Review, Started};
use bursar_kernel::{
    Actor, ApplicationId, AuditId, Endpoint, Estimate, GrantId, HoldId, KeyId, LineCost, MailId,
    ModelId, PersonId, PriceVersion, RequestId, ReviewId, Role, Scope, ServiceTier, Serving,
    SessionId, StudyId, StudyLine, StudySize, Usage, Usd,
};

use super::world::{Desk, usd};
use bursar_store::rows::{
    AuditLine, Basis, Call, CallOutcome, Grant, Key, Mail, Person, Session, SignInLink, Study,
    StudyTerms,
};

impl Desk {
    pub(super) fn person(&mut self, email: &str) -> Person {
        Person {
            id: PersonId::new(self.now, self.chance.entropy()),
            email: email.to_owned(),
            name: "Ada Okafor".to_owned(),
            roles: [Role::Reviewer, Role::Officer].into(),
            created_at: self.now,
            version: 1,
        }
    }

    pub(super) fn link(&mut self) -> SignInLink {
        SignInLink {
            secret_hash: self.chance.hash(),
            email: "ada@example.edu".to_owned(),
            expires_at: self.in_hours(1),
            used_at: None,
        }
    }

    pub(super) fn session(&mut self) -> Session {
        Session {
            id: SessionId::new(self.now, self.chance.entropy()),
            secret_hash: self.chance.hash(),
            person: self.holder,
            created_at: self.now,
            expires_at: self.in_hours(24),
            ended_at: None,
        }
    }

    /// A draft, and the event that began it.
    pub(super) fn application(&mut self) -> (Application, Event) {
        let question = "How do reasoning models \"explain\" themselves? 知 ½ '; --".to_owned();
        let started = Started {
            id: ApplicationId::new(self.now, self.chance.entropy()),
            program: self.program(),
            program_version: 1,
            applicant: self.holder,
            answers: [("question".to_owned(), question)].into(),
            estimate: None,
            resubmission_of: None,
            after_grant: None,
            at: self.now,
        };
        (Application::new(started.clone()), Event::Started(started))
    }

    /// An estimate of a study, with a cost to the nano-dollar.
    pub(super) fn estimate(&self) -> Estimate {
        let line = StudyLine {
            model: ModelId::new("gpt-4.1-mini"),
            items: 1_200,
            variants: 2,
            repeats: 5,
            input_tokens: 900,
            output_tokens: 300,
            serving: Serving::Batch,
        };
        let size = StudySize { calls: 12_000, tokens: 14_400_000 };
        let cost = usd("5.040000001");
        let lines = vec![LineCost { line, size, cost }];
        Estimate { lines, total: cost, prices: PriceVersion::new("test"), at: self.now }
    }

    pub(super) fn review(&mut self, application: ApplicationId) -> Review {
        Review {
            id: ReviewId::new(self.now, self.chance.entropy()),
            application,
            reviewer: PersonId::new(self.now, self.chance.entropy()),
            recommendation: Recommendation::Award,
            comment: "Sound and well costed.".to_owned(),
            for_officer: "Is the data theirs? ''; 知".to_owned(),
            scores: [("method".to_owned(), 4)].into(),
            submitted_at: self.now,
            earlier: vec![Earlier {
                recommendation: Recommendation::Unsure,
                comment: "At first".to_owned(),
                for_officer: String::new(),
                scores: [("method".to_owned(), 3)].into(),
                submitted_at: self.now,
            }],
            version: 1,
        }
    }

    pub(super) fn grant(&mut self) -> Grant {
        Grant {
            id: GrantId::new(self.now, self.chance.entropy()),
            program: self.program(),
            program_version: 1,
            holder: self.holder,
            application: Some(ApplicationId::new(self.now, self.chance.entropy())),
            title: "Faithful explanations".to_owned(),
            amount: usd("1000.000000001"),
            created_at: self.now,
            deliver_from: self.in_hours(28 * 24),
            deliver_until: self.in_hours(42 * 24),
            delivered_at: None,
            expires_at: None,
            expires_no_later_than: None,
            lot: None,
            tier: None,
            voided_at: None,
            version: 1,
        }
    }

    pub(super) fn key(&mut self, grant: GrantId) -> Key {
        Key {
            id: KeyId::new(self.now, self.chance.entropy()),
            grant,
            holder: self.holder,
            person: PersonId::new(self.now, [7; 10]),
            name: "laptop".to_owned(),
            secret_hash: self.chance.hash(),
            hint: "x9k2".to_owned(),
            cap: Some(usd("12.5")),
            study: Some(StudyId::new(self.now, self.chance.entropy())),
            scope: Scope { models: Some([ModelId::new("gpt-5-mini")].into()), endpoints: None },
            created_at: self.now,
            expires_at: Some(self.in_hours(48)),
            revoked_at: None,
            version: 1,
        }
    }

    pub(super) fn study(&mut self, grant: GrantId) -> Study {
        Study {
            id: StudyId::new(self.now, self.chance.entropy()),
            grant,
            holder: self.holder,
            terms: StudyTerms {
                name: "Raters' \"agreement\" 知".to_owned(),
                notes: "a pilot, then all of it\n'; --".to_owned(),
                tags: vec!["pilot".to_owned(), "ünder".to_owned()],
                budget: Some(usd("250.000000001")),
                stops: true,
                starts_at: None,
                ends_at: Some(self.in_hours(48)),
                scope: Scope { models: None, endpoints: Some([Endpoint::Embeddings].into()) },
            },
            created_at: self.now,
            closed_at: None,
            version: 1,
        }
    }

    pub(super) fn call(&mut self, hold: HoldId, cost: Usd) -> Call {
        Call {
            request: RequestId::new(self.now, self.chance.entropy()),
            hold,
            key: KeyId::new(self.now, self.chance.entropy()),
            grant: GrantId::new(self.now, self.chance.entropy()),
            endpoint: Endpoint::ChatCompletions,
            model: ModelId::new("gpt-4.1-mini"),
            tier: ServiceTier::Flex,
            streamed: true,
            usage: Usage { input: 1_000, output: 100, reasoning: 64, ..Usage::default() },
            held: usd("1"),
            cost,
            basis: Basis::Reported,
            outcome: CallOutcome::Answered,
            status: 200,
            price_version: PriceVersion::new("2026-11-01"),
            started_at: self.now,
            ended_at: self.now,
        }
    }

    pub(super) fn mail(&mut self) -> Mail {
        Mail {
            id: MailId::new(self.now, self.chance.entropy()),
            to: "ada@example.edu".to_owned(),
            subject: "Your application".to_owned(),
            body: "It was received.\n".to_owned(),
            html: "<p>It is so.</p>".to_owned(),
            letter: "submitted".to_owned(),
            useless_after: None,
            created_at: self.now,
            sent_at: None,
        }
    }

    pub(super) fn audit_line(&mut self) -> AuditLine {
        AuditLine {
            id: AuditId::new(self.now, self.chance.entropy()),
            at: self.now,
            actor: Actor::Job("expiry".to_owned()),
            action: "grant.issued".to_owned(),
            subject: "a grant".to_owned(),
            detail: String::new(),
        }
    }
}
