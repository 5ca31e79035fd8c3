//! What whoever asks may do in a grant: by holding it, or as somebody who takes part.

use bursar_award::participants::{Part, Participant};
use bursar_kernel::{GrantId, GrantRole, PersonId, StudyId};
use bursar_policy::{Action, Viewer, may};
use bursar_store::rows::{Grant, Key};

use crate::{Service, ServiceError};

/// A grant that exists for somebody, and what they may do in it.
#[derive(Clone, Debug)]
pub struct Within {
    /// The grant.
    pub grant: Grant,
    /// Who asks.
    pub viewer: Viewer,
    /// Their row, where they take part. Whoever decides by it writes it too, one version on, where
    /// what they decide outlives their part: so a removal meanwhile is not passed by.
    pub participant: Option<Participant>,
}

impl Within {
    /// What they may do as somebody who takes part; the holder needs no role.
    pub fn role(&self) -> Option<GrantRole> {
        self.part().map(|part| part.role)
    }

    /// Their part, where they take part.
    pub fn part(&self) -> Option<&Part> {
        self.participant.as_ref()?.part_of(self.viewer.person()?)
    }

    /// Whether they hold the grant.
    pub fn is_owner(&self) -> bool {
        self.viewer.person() == Some(self.grant.holder)
    }

    /// Whether they take part in a grant that somebody else holds.
    pub fn takes_part(&self) -> bool {
        self.part().is_some()
    }

    /// Whether every figure of it is theirs to read.
    pub fn sees_figures(&self) -> bool {
        self.may(|holder, role| Action::ReadFigures { holder, role })
    }

    /// Whether they read a study of it.
    pub fn sees_study(&self, study: StudyId) -> bool {
        let belongs = self.belongs(Some(study));
        self.may(|holder, role| Action::ReadStudy { holder, role, belongs })
    }

    /// Whether they read a key of it, and its calls.
    pub fn sees_key(&self, key: &Key) -> bool {
        let own = self.viewer.person() == Some(key.person);
        self.may(|holder, role| Action::ReadKey { holder, role, own })
    }

    /// Whether what a key has spent is within what they may know: by key, or summed by study.
    pub fn sees_spending_of(&self, key: &Key) -> bool {
        self.sees_key(key) || key.study.is_some_and(|study| self.sees_study(study))
    }

    /// Whether they may make, cap and revoke a key that is for somebody, in a study or in none.
    pub fn may_manage_key(&self, person: PersonId, study: Option<StudyId>) -> bool {
        let own = self.viewer.person() == Some(person);
        let belongs = self.belongs(study);
        self.may(|holder, role| Action::ManageKey { holder, role, own, belongs })
    }

    /// Whether they may make studies, change them, and move budget.
    pub fn may_manage_studies(&self) -> bool {
        self.may(|holder, role| Action::ManageStudies { holder, role })
    }

    /// Whether they may make somebody this, change what is this, and take them out.
    pub fn may_manage_person(&self, whose: GrantRole) -> bool {
        self.may(|holder, role| Action::ManagePerson { holder, role, whose })
    }

    /// Whether they may pass its credit on.
    pub fn may_pass_on(&self) -> bool {
        self.may(|holder, _| Action::PassOn { holder })
    }

    /// Whether they may ask for a model that is limited.
    pub fn may_ask_for_model(&self) -> bool {
        self.may(|holder, role| Action::AskForModel { holder, role })
    }

    /// Refuses what they may not do.
    pub fn allow(&self, is_allowed: bool) -> Result<(), ServiceError> {
        if is_allowed { Ok(()) } else { Err(ServiceError::NotAllowed) }
    }

    fn may(&self, action: impl FnOnce(PersonId, Option<GrantRole>) -> Action) -> bool {
        may(&self.viewer, action(self.grant.holder, self.role()))
    }

    fn belongs(&self, study: Option<StudyId>) -> bool {
        self.part().is_some_and(|part| part.reaches(study))
    }
}

impl Service {
    /// A grant as far as it exists for a viewer: held by them, or one that they take part in or
    /// oversee. Any other does not exist.
    pub async fn within(&self, viewer: &Viewer, id: GrantId) -> Result<Within, ServiceError> {
        if *viewer == Viewer::Nobody {
            return Err(ServiceError::SignInFirst);
        }
        let missing = || ServiceError::NotFound(format!("grant `{id}`"));
        let grant = self.store.grant(id).await?.ok_or_else(missing)?;
        let within = self.within_of(viewer, grant).await?;
        if within.may(|holder, role| Action::ReadGrant { holder, role }) {
            Ok(within)
        } else {
            Err(missing())
        }
    }

    /// What a viewer may do in a grant, whether or not it exists for them.
    pub(crate) async fn within_of(
        &self,
        viewer: &Viewer,
        grant: Grant,
    ) -> Result<Within, ServiceError> {
        let participant = match viewer.person().filter(|person| *person != grant.holder) {
            None => None,
            Some(person) => {
                let all = self.store.participations(person).await?;
                let here =
                    |row: &Participant| row.grant == grant.id && row.part_of(person).is_some();
                all.into_iter().find(here)
            }
        };
        Ok(Within { grant, viewer: viewer.clone(), participant })
    }

    /// A grant whose every figure the viewer may read; any other does not exist for them, or is
    /// theirs in part.
    pub async fn readable_grant(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<Grant, ServiceError> {
        let within = self.within(viewer, id).await?;
        within.allow(within.sees_figures())?;
        Ok(within.grant)
    }
}
