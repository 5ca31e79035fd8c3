//! Institutions, with the names and the domains that they are looked up by.

use bursar_institutions::Institution;
use bursar_institutions::ror::fold;
use deadpool_postgres::ClientWrapper;

use crate::codec::to_json;
use crate::error::WriteError;
use crate::statement::{execute, statement};

const PUT: &str = "INSERT INTO institution (ror, body) VALUES ($1, $2)
     ON CONFLICT (ror) DO UPDATE SET body = excluded.body";
const NO_NAMES: &str = "DELETE FROM institution_name WHERE ror = $1";
const NAME: &str = "INSERT INTO institution_name (ror, number, folded) VALUES ($1, $2, $3)";
const NO_DOMAINS: &str = "DELETE FROM institution_domain WHERE ror = $1";
const DOMAIN: &str = "INSERT INTO institution_domain (domain, ror) VALUES ($1, $2)";

pub(super) async fn write(client: &ClientWrapper, row: &Institution) -> Result<(), WriteError> {
    let ror = || row.ror.clone();
    execute(client, &statement!(PUT, ror(), to_json(row)?)).await?;
    execute(client, &statement!(NO_NAMES, ror())).await?;
    for (name, number) in row.all_names().zip(0_i64..) {
        execute(client, &statement!(NAME, ror(), number, fold(name))).await?;
    }
    execute(client, &statement!(NO_DOMAINS, ror())).await?;
    for domain in &row.domains {
        execute(client, &statement!(DOMAIN, domain.clone(), ror())).await?;
    }
    Ok(())
}
