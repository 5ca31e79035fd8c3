//! An institution as an answer names it: by its name, and by its ROR id where it has one.

/// Letters of the base that ROR ids count in.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What goes before an id in an answer.
const BEFORE: &str = " (ror.org/";

/// The id of a record of ROR in a text: `052gg0110`, with or without the address before it.
/// `None` where it is none, or its check digits are not right.
pub fn ror_id(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.strip_prefix("https://").unwrap_or(text);
    let id = text.strip_prefix("ror.org/").unwrap_or(text);
    let (number, check) = id.strip_prefix('0')?.split_at_checked(6)?;
    let mut value = 0_u64;
    for byte in number.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        value = value * 32 + u64::try_from(digit).ok()?;
    }
    let stated: u64 = if check.len() == 2 { check.parse().ok()? } else { return None };
    (stated == 98 - value * 100 % 97).then_some(id)
}

/// An answer that names an institution: its name, and its ROR id where there is one.
pub fn institution_of(answer: &str) -> (&str, Option<&str>) {
    let answer = answer.trim();
    let named = answer.strip_suffix(')').and_then(|text| text.rsplit_once(BEFORE));
    match named.and_then(|(name, id)| Some((name, ror_id(id)?))) {
        Some((name, id)) => (name.trim_end(), Some(id)),
        None => (answer, None),
    }
}

/// The answer that names an institution with its id.
pub fn institution_answer(name: &str, id: &str) -> String {
    format!("{name}{BEFORE}{id})")
}

#[cfg(test)]
mod tests {
    use super::{institution_answer, institution_of, ror_id};

    #[test]
    fn ids_are_told_by_their_check_digits() {
        for id in ["052gg0110", "00pjdza24", "02jbv0t02", "01an7q238", "046rm7j60"] {
            assert_eq!(ror_id(id), Some(id));
            assert_eq!(ror_id(&format!(" https://ror.org/{id} ")), Some(id));
        }
        for wrong in ["", "0", "052gg0111", "152gg0110", "052gg01 10", "052ggu110", "05é2gg0110"] {
            assert_eq!(ror_id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_names_an_institution_with_its_id_or_without() {
        let answer = institution_answer("University of Oxford", "052gg0110");
        assert_eq!(institution_of(&answer), ("University of Oxford", Some("052gg0110")));
        assert_eq!(institution_of(" A lab (in Graz) "), ("A lab (in Graz)", None));
        let wrong = "A lab (ror.org/052gg0111)";
        assert_eq!(institution_of(wrong), (wrong, None));
    }
}
