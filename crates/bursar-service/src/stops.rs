//! Stopping a program, a grant or an upstream at once and on every server, and starting it again.
//! No money moves: calls in flight end under their holds, and expiry goes on.

use bursar_kernel::ProgramId;
use bursar_policy::{Action, Viewer};
use bursar_store::rows::{Stop, Stoppable};
use bursar_store::{Expect, Row, Write};
use tracing::warn;

use crate::access::read_text;
use crate::letters::{self, Post as _};
use crate::{Service, ServiceError};

/// How often it is decided anew, should somebody else have had the last word meanwhile.
const TRIES: u32 = 3;

/// What is done to something that can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is stopped.
    Stop,
    /// It is started again.
    Start,
}

impl Service {
    /// Stops something, or starts it again, with a reason. Done again, it changes nothing: the
    /// first reason stands. `None` for what was never stopped.
    pub async fn turn(
        &self,
        viewer: &Viewer,
        of: &Stoppable,
        turn: Turn,
        reason: &str,
    ) -> Result<Option<Stop>, ServiceError> {
        self.may_turn(viewer, of).await?;
        let reason = read_text("reason", reason, "Say why: those whom it concerns read it")?;
        let mut tries = 0_u32;
        let stop = loop {
            match self.write_turn(viewer, of, turn, &reason).await {
                Err(ServiceError::Conflict(_)) if tries < TRIES => tries = tries.saturating_add(1),
                written => break written?,
            }
        };
        // Also where nothing was written: then whoever wrote it may have died before this.
        self.heed(of).await?;
        Ok(stop)
    }

    async fn write_turn(
        &self,
        viewer: &Viewer,
        of: &Stoppable,
        turn: Turn,
        reason: &str,
    ) -> Result<Option<Stop>, ServiceError> {
        let before = self.store.stop(of.clone()).await?;
        let is_stopped = turn == Turn::Stop;
        if before.as_ref().is_some_and(|stop| stop.is_stopped) == is_stopped {
            return Ok(before);
        }
        let batch = crate::batch_of(viewer, self.now())?;
        let version = before.map(|stop| stop.version);
        let stop = Stop {
            of: of.clone(),
            is_stopped,
            reason: reason.to_owned(),
            by: batch.by.clone(),
            at: batch.now,
            version: version.unwrap_or(0).saturating_add(1),
        };
        let (kind, state, name) = (of.kind(), stop.state(), of.name());
        let line = crate::audit_line(&batch, &format!("{kind}.{state}"), &name, reason);
        let expect = version.map_or(Expect::New, Expect::Version);
        let row = Write::Row(Row::Stop(Box::new(stop.clone())), expect);
        let mut batch = batch.with(row).with(line);
        if let Stoppable::Grant(grant) = of {
            let grant = self.readable_grant(viewer, *grant).await?;
            let program = &self.program(&grant.program)?.name;
            let url = format!("{}/grants/{}", self.base_url, grant.id);
            let letter = match turn {
                Turn::Stop => letters::stopped(program, reason, &url),
                Turn::Start => letters::started(program, reason, &url),
            };
            let holder = self.person_of(grant.holder).await?;
            batch = batch.with(letter.to(&holder.email, stop.at));
        }
        self.commit(batch).await?;
        warn!(stop.kind = kind, stop.name = name, reason, "{kind} `{name}` was {state}");
        Ok(Some(stop))
    }

    /// What this server keeps in memory of it is read anew; the others hear of it.
    async fn heed(&self, of: &Stoppable) -> Result<(), ServiceError> {
        match of {
            Stoppable::Grant(grant) => self.calls.directory().forget_grant(*grant),
            Stoppable::Program(program) => self.calls.directory().forget_program(program),
            Stoppable::Upstream(_) => self.calls.learn_what_is_stopped().await?,
        }
        Ok(())
    }

    async fn may_turn(&self, viewer: &Viewer, of: &Stoppable) -> Result<(), ServiceError> {
        match of {
            Stoppable::Grant(id) => {
                let within = self.within(viewer, *id).await?;
                let (holder, takes_part) = (within.grant.holder, within.takes_part());
                crate::allow(viewer, Action::StopGrant { holder, takes_part })
            }
            Stoppable::Program(program) => {
                crate::allow(viewer, Action::RunPrograms)?;
                self.program(program).map(|_| ())
            }
            Stoppable::Upstream(name) => {
                crate::allow(viewer, Action::Operate)?;
                let is_here = self.calls.upstream_names().contains(name);
                // One that was stopped and has left the configuration can be started again.
                if is_here || self.store.stop(of.clone()).await?.is_some() {
                    return Ok(());
                }
                let what = format!("upstream `{name}`\nhint: `bursar upstream list` names them");
                Err(ServiceError::NotFound(what))
            }
        }
    }

    /// Why something is stopped, if it is, for somebody who may stop it and start it again.
    pub async fn stop_desk(
        &self,
        viewer: &Viewer,
        of: &Stoppable,
    ) -> Result<Option<Stop>, ServiceError> {
        self.may_turn(viewer, of).await?;
        self.stopped(of.clone()).await
    }

    /// Why a program's calls are stopped, if they are.
    pub async fn program_stop(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
    ) -> Result<Option<Stop>, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        self.stopped(Stoppable::Program(program.clone())).await
    }

    pub(crate) async fn stopped(&self, of: Stoppable) -> Result<Option<Stop>, ServiceError> {
        Ok(self.store.stop(of).await?.filter(|stop| stop.is_stopped))
    }

    /// The upstreams of this server, and what else is stopped, each with why it is, if it is.
    pub async fn upstreams(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<(String, Option<Stop>)>, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        let stopped = self.store.stopped_upstreams().await?;
        let mut names = self.calls.upstream_names();
        names.extend(stopped.iter().map(|stop| stop.of.name()));
        names.sort_unstable();
        names.dedup();
        let stop = |name: &String| stopped.iter().find(|stop| stop.of.name() == *name).cloned();
        Ok(names.into_iter().map(|name| (name.clone(), stop(&name))).collect())
    }
}
