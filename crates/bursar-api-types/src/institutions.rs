//! Institutions.

use bursar_evidence::{Found, Taken};
use bursar_institutions::Institution;
use bursar_institutions::ror::Standing;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An institution, as a record of ROR has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstitutionLine {
    /// Its id of ROR.
    #[schema(example = "052gg0110")]
    pub ror: String,
    /// Its name.
    #[schema(example = "University of Oxford")]
    pub name: String,
    /// Other names of it.
    #[serde(default)]
    pub names: Vec<String>,
    /// The country it is in, by its ISO 3166-1 code.
    #[schema(example = "GB")]
    pub country: Option<String>,
    /// The place it is in.
    #[schema(example = "Oxford")]
    pub city: Option<String>,
    /// What it is.
    #[serde(default)]
    #[schema(example = json!(["education"]))]
    pub kinds: Vec<String>,
    /// Domains of its own.
    #[serde(default)]
    #[schema(example = json!(["ox.ac.uk"]))]
    pub domains: Vec<String>,
    /// `active`, `inactive` or `withdrawn`.
    #[schema(example = "active")]
    pub standing: String,
    /// What came in its place, by their ids.
    #[serde(default)]
    pub successors: Vec<String>,
    /// What it belongs to, by their ids.
    #[serde(default)]
    pub parents: Vec<String>,
    /// The day on which the record was last changed.
    #[serde(default)]
    pub modified: String,
}

const STANDINGS: [(&str, Standing); 3] = [
    ("active", Standing::Active),
    ("inactive", Standing::Inactive),
    ("withdrawn", Standing::Withdrawn),
];

impl From<Institution> for InstitutionLine {
    fn from(institution: Institution) -> Self {
        let named = STANDINGS.iter().find(|(_, standing)| *standing == institution.standing);
        Self {
            ror: institution.ror,
            name: institution.name,
            names: institution.names,
            country: institution.country,
            city: institution.city,
            kinds: institution.kinds,
            domains: institution.domains,
            standing: named.map(|(name, _)| (*name).to_owned()).unwrap_or_default(),
            successors: institution.successors,
            parents: institution.parents,
            modified: institution.modified,
        }
    }
}

impl InstitutionLine {
    /// The institution; an error says what is wrong with the line.
    pub fn read(self) -> Result<Institution, String> {
        let standing = STANDINGS.iter().find(|(name, _)| *name == self.standing);
        let (_, standing) = standing.ok_or_else(|| {
            format!(
                "`{}` has no standing `{}`: it is active, inactive or withdrawn",
                self.ror, self.standing
            )
        })?;
        for ror in self.successors.iter().chain(&self.parents).chain([&self.ror]) {
            if bursar_kernel::ror_id(ror) != Some(ror.as_str()) {
                return Err(format!("`{ror}` is not an id of ROR"));
            }
        }
        if self.name.trim().is_empty() {
            return Err(format!("`{}` has no name", self.ror));
        }
        for domain in &self.domains {
            if bursar_kernel::MailDomain::of(domain).is_none_or(|read| read.as_str() != domain) {
                return Err(format!("`{domain}` is not a domain in small letters"));
            }
        }
        Ok(Institution {
            ror: self.ror,
            name: self.name,
            names: self.names,
            country: self.country,
            city: self.city,
            kinds: self.kinds,
            domains: self.domains,
            standing: *standing,
            successors: self.successors,
            parents: self.parents,
            modified: self.modified,
        })
    }
}

/// Institutions to be taken over what is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeInstitutions {
    /// Up to 500.
    pub institutions: Vec<InstitutionLine>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakenInstitutions {
    /// Those that were not there.
    pub new: usize,
    /// Those that are different now.
    pub changed: usize,
    /// Those that were there as they are.
    pub same: usize,
}

impl From<Taken> for TakenInstitutions {
    fn from(taken: Taken) -> Self {
        Self { new: taken.new, changed: taken.changed, same: taken.same }
    }
}

/// Which institutions to find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InstitutionsQuery {
    /// Words of a name; each begins one.
    pub search: String,
}

/// Institutions that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Institutions {
    /// At the most ten, the shortest name first.
    pub institutions: Vec<FoundInstitution>,
}

/// An institution that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundInstitution {
    /// It, or what came in its place.
    pub institution: InstitutionLine,
    /// The name of what was found and is no more, where this came in its place.
    pub was: Option<String>,
}

impl From<Vec<Found>> for Institutions {
    fn from(found: Vec<Found>) -> Self {
        let found = found.into_iter();
        let line =
            |one: Found| FoundInstitution { institution: one.institution.into(), was: one.was };
        Self { institutions: found.map(line).collect() }
    }
}
