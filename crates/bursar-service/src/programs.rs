//! A program's money.

use bursar_kernel::{ProgramId, TransferId, Usd};
use bursar_ledger::{Account, Command, Leased};
use bursar_policy::{Action, Viewer};
use bursar_store::{LeaseFilter, LotFilter};

use crate::{Service, ServiceError, entropy};

/// Where a program's money is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramMoney {
    /// All that it was given.
    pub funded: Usd,
    /// What it may still award.
    pub pool: Usd,
    /// What it has promised and not delivered.
    pub committed: Usd,
    /// What calls have spent.
    pub used: Usd,
    /// What expired unspent.
    pub expired: Usd,
    /// What may have been spent, until somebody knows.
    pub suspense: Usd,
    /// What upstreams billed above their holds.
    pub overrun: Usd,
    /// What lies on grants, to be spent.
    pub on_grants: Usd,
}

impl Service {
    /// Gives a program money to award.
    pub async fn fund(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        amount: Usd,
    ) -> Result<ProgramMoney, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        self.program(program)?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "program.funded", program, format!("${amount}"));
        let id = TransferId::new(batch.now, entropy::draw());
        let command = Command::Fund { id, program: program.clone(), amount };
        self.commit(batch.with(command).with(line)).await?;
        self.program_money(viewer, program).await
    }

    /// Where a program's money is.
    pub async fn program_money(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
    ) -> Result<ProgramMoney, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        self.program(program)?;
        let posted = async |account: fn(ProgramId) -> Account| -> Result<Usd, ServiceError> {
            Ok(self.store.balance(account(program.clone())).await?.posted)
        };
        let given = |usd: Usd| usd.checked_neg().unwrap_or(Usd::MAX);
        let mut money = ProgramMoney {
            funded: given(posted(Account::External).await?),
            pool: posted(Account::Pool).await?,
            committed: posted(Account::Committed).await?,
            used: posted(Account::Used).await?,
            expired: posted(Account::Breakage).await?,
            suspense: self.suspense_of(program, posted(Account::Suspense).await?).await?,
            overrun: given(posted(Account::Overrun).await?),
            on_grants: Usd::ZERO,
        };
        // All that came in is somewhere: what is nowhere else lies on grants.
        let elsewhere = [money.pool, money.committed, money.used, money.expired, money.suspense];
        money.on_grants = money
            .funded
            .checked_add(money.overrun)
            .and_then(|all| all.checked_sub(Usd::sum(elsewhere)?))
            .unwrap_or(Usd::ZERO);
        Ok(money)
    }

    /// What may have been spent of a program's credit: by calls, and by nodes that are no more.
    async fn suspense_of(&self, program: &ProgramId, calls: Usd) -> Result<Usd, ServiceError> {
        let mut suspense = vec![calls];
        for state in self.store.leases(LeaseFilter::InSuspense).await? {
            let Leased::Lot(lot) = state.lease.of else { continue };
            let lots = self.store.lots(LotFilter::Id(lot)).await?;
            if lots.iter().any(|lot| lot.lot.program == *program) {
                suspense.push(state.suspense);
            }
        }
        Ok(Usd::sum(suspense).unwrap_or(Usd::MAX))
    }
}
