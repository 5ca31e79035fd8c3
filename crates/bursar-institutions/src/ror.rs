//! Records of the Research Organization Registry, as its public data dump has them: schema 2.0 and
//! 2.1. What a record says beyond this is read over.

use bursar_kernel::{MailDomain, ror_id};
use serde::{Deserialize, Serialize};

/// Names of a record that are kept: some have dozens, in as many languages.
const NAMES_MAX: usize = 40;
/// Domains, successors and parents of a record that are kept.
const LISTED_MAX: usize = 60;
/// Characters of a name that are kept.
const NAME_CHARACTERS_MAX: usize = 300;

/// An institution, as a record of ROR has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Its id: `052gg0110`.
    pub ror: String,
    /// Its name.
    pub name: String,
    /// Other names of it: in other languages, former ones, acronyms.
    pub names: Vec<String>,
    /// The country it is in, by its ISO 3166-1 code.
    pub country: Option<String>,
    /// The place it is in.
    pub city: Option<String>,
    /// What it is: `education`, `company`.
    pub kinds: Vec<String>,
    /// Domains of its own, as [`MailDomain`] writes them.
    pub domains: Vec<String>,
    /// Whether it is still there.
    pub standing: Standing,
    /// What came in its place, by their ids.
    pub successors: Vec<String>,
    /// What it belongs to, by their ids.
    pub parents: Vec<String>,
    /// The day on which the record was last changed.
    pub modified: String,
}

impl Institution {
    /// Whether it is of a kind that addresses of its domain show somebody's affiliation with
    /// research: all but companies, and what is nothing else beside one.
    pub fn is_academic(&self) -> bool {
        let counts = |kind: &String| {
            matches!(
                kind.as_str(),
                "education" | "facility" | "healthcare" | "nonprofit" | "government" | "archive"
            )
        };
        self.kinds.iter().any(counts) && !self.kinds.iter().any(|kind| kind == "company")
    }

    /// Everything it is called, the name first.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.names).map(String::as_str)
    }
}

/// Whether an institution is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is.
    Active,
    /// It closed, or became part of another.
    Inactive,
    /// The record should not have been made.
    Withdrawn,
}

/// A record as the file has it.
#[derive(Debug, Deserialize)]
pub struct Record {
    id: String,
    status: String,
    names: Vec<RecordName>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    domains: Option<Vec<String>>,
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default)]
    relationships: Option<Vec<Relationship>>,
    #[serde(default)]
    admin: Option<Admin>,
}

#[derive(Debug, Deserialize)]
struct RecordName {
    value: String,
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Location {
    #[serde(default)]
    geonames_details: Option<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Relationship {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Debug, Deserialize)]
struct Admin {
    last_modified: Changed,
}

#[derive(Debug, Deserialize)]
struct Changed {
    date: String,
}

impl Record {
    /// What is kept of it. An error is what is wrong with it, in a sentence.
    pub fn institution(self) -> Result<Institution, String> {
        let ror = ror_id(&self.id).ok_or_else(|| format!("`{}` is not an id of ROR", self.id))?;
        let standing = match self.status.as_str() {
            "active" => Standing::Active,
            "inactive" => Standing::Inactive,
            "withdrawn" => Standing::Withdrawn,
            other => return Err(format!("`{ror}` has a status that is not known: `{other}`")),
        };
        let shown = |name: &&RecordName| name.types.iter().any(|kind| kind == "ror_display");
        let label = |name: &&RecordName| name.types.iter().any(|kind| kind == "label");
        let name = self.names.iter().find(shown).or_else(|| self.names.iter().find(label));
        let name = name.or(self.names.first());
        let name = name.map(|name| tidy(&name.value)).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("`{ror}` has no name"))?;
        let mut names: Vec<String> = Vec::new();
        for other in &self.names {
            let other = tidy(&other.value);
            if other != name && !other.is_empty() && !names.contains(&other) {
                names.push(other);
            }
        }
        names.truncate(NAMES_MAX);
        let mut domains: Vec<String> = Vec::new();
        for domain in
            self.domains.unwrap_or_default().iter().filter_map(|text| MailDomain::of(text))
        {
            if !domains.iter().any(|one| one == domain.as_str()) {
                domains.push(domain.as_str().to_owned());
            }
        }
        domains.truncate(LISTED_MAX);
        let relationships = self.relationships.unwrap_or_default();
        let related = |wanted: &str| -> Vec<String> {
            let of_kind = relationships.iter().filter(|one| one.kind.eq_ignore_ascii_case(wanted));
            let ids = of_kind.filter_map(|one| ror_id(&one.id)).filter(|id| *id != ror);
            ids.take(LISTED_MAX).map(str::to_owned).collect()
        };
        let place = self.locations.into_iter().find_map(|location| location.geonames_details);
        let (country, city) = place.map_or((None, None), |place| (place.country_code, place.name));
        Ok(Institution {
            ror: ror.to_owned(),
            name,
            names,
            country: country.filter(|code| code.len() == 2),
            city: city.map(|city| tidy(&city)).filter(|city| !city.is_empty()),
            kinds: self.types,
            domains,
            standing,
            successors: related("successor"),
            parents: related("parent"),
            modified: self.admin.map(|admin| admin.last_modified.date).unwrap_or_default(),
        })
    }
}

/// A name on one line, without what cannot be shown.
fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(NAME_CHARACTERS_MAX).collect()
}

/// Characters of what is looked for that count.
const SOUGHT_CHARACTERS_MAX: usize = 100;

/// A name as it is looked for: words in small letters without accents, each after one space. What
/// is typed is folded in the same way, and its words begin words of the name.
pub fn fold(text: &str) -> String {
    let mut folded = String::new();
    let mut is_between = true;
    for letter in text.chars().flat_map(char::to_lowercase) {
        if matches!(u32::from(letter), 0x300..=0x36f) || matches!(letter, '\'' | '’' | '.') {
            continue;
        }
        if !letter.is_alphanumeric() {
            is_between = true;
            continue;
        }
        if is_between {
            folded.push(' ');
            is_between = false;
        }
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(letter),
        }
    }
    folded
}

/// The words that are looked for, folded; each begins a word of a name. None where nothing is.
pub fn sought(text: &str) -> Vec<String> {
    let text: String = text.chars().take(SOUGHT_CHARACTERS_MAX).collect();
    fold(&text).split_whitespace().map(str::to_owned).collect()
}

/// A Latin letter without its accent.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ'..='ặ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}
