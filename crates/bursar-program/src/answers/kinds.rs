//! Answers that have a form of their own: days, numbers, addresses, identifiers.

use jiff::civil::Date;

/// Characters of a mail address (RFC 5321).
const EMAIL_CHARACTERS_MAX: usize = 254;
/// Characters of an address of a page: browsers take more, and nobody types more.
const WEB_CHARACTERS_MAX: usize = 2_000;

pub(super) fn date(
    name: &str,
    answer: &str,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<String, String> {
    let day: Date = Some(answer)
        .filter(|answer| answer.len() == "2027-11-30".len())
        .and_then(|answer| answer.parse().ok())
        .ok_or_else(|| format!("{name} must be a real day, like 2027-11-30"))?;
    match (from.filter(|from| day < *from), to.filter(|to| *to < day)) {
        (Some(from), _) => Err(format!("{name} must be {from} or later")),
        (None, Some(to)) => Err(format!("{name} must be {to} or earlier")),
        (None, None) => Ok(day.to_string()),
    }
}

pub(super) fn number(name: &str, answer: &str, least: i64, most: i64) -> Result<String, String> {
    let grouped = answer.replace('\u{2212}', "-");
    let digits = grouped.strip_prefix('-').unwrap_or(&grouped);
    let plain = digits.replace([',', ' ', '\u{a0}', '\u{202f}'], "");
    let is_grouped = digits != plain;
    // What was taken out has to have stood between groups of three.
    let sound = !is_grouped || {
        let groups: Vec<&str> = digits.split([',', ' ', '\u{a0}', '\u{202f}']).collect();
        let first = groups.first().map_or(0, |group| group.len());
        (1..=3).contains(&first) && groups.iter().skip(1).all(|group| group.len() == 3)
    };
    let all_digits = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    if !sound || !all_digits {
        return Err(format!("{name} must be a whole number, like 1200"));
    }
    let sign = if digits.len() < grouped.len() { "-" } else { "" };
    match format!("{sign}{plain}").parse::<i64>() {
        Ok(number) if least <= number && number <= most => Ok(number.to_string()),
        Ok(number) if number < least => Err(format!("{name} must be {least} or more")),
        Ok(_) => Err(format!("{name} must be {most} or less")),
        Err(_) => Err(format!("{name} must be between {least} and {most}")),
    }
}

pub(super) fn email(name: &str, answer: &str) -> Result<String, String> {
    let wrong = || format!("{name} must be a mail address, like name@university.example");
    let (local, domain) = answer.rsplit_once('@').ok_or_else(wrong)?;
    let stray = |letter: char| letter.is_whitespace() || "<>(),;:\"".contains(letter);
    let sound = !local.is_empty()
        && answer.chars().count() <= EMAIL_CHARACTERS_MAX
        && !answer.contains(stray)
        && is_host(domain);
    if sound { Ok(format!("{local}@{}", domain.to_lowercase())) } else { Err(wrong()) }
}

pub(super) fn web(name: &str, answer: &str) -> Result<String, String> {
    let wrong = || format!("{name} must be a web address, like https://lab.example/project");
    let address =
        if answer.contains("://") { answer.to_owned() } else { format!("https://{answer}") };
    let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
    if !["http", "https"].contains(&scheme.to_lowercase().as_str()) {
        return Err(wrong());
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let stray = |letter: char| letter.is_whitespace() || "<>\"\\^`{|}".contains(letter);
    let sound = address.chars().count() <= WEB_CHARACTERS_MAX
        && !address.contains(stray)
        && port.parse::<u16>().is_ok()
        && is_host(host);
    if sound { Ok(address) } else { Err(wrong()) }
}

/// A name with a dot in it, of letters and digits of any script.
fn is_host(host: &str) -> bool {
    let sound = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    host.contains('.') && host.split('.').all(sound)
}

/// An iD with its check digit (ISO 7064, MOD 11-2), or the address that it stands in.
pub(super) fn orcid(name: &str, answer: &str) -> Result<String, String> {
    let wrong = || format!("{name} must be an ORCID iD, like 0000-0002-1825-0097");
    let id = ["https://orcid.org/", "http://orcid.org/", "orcid.org/"]
        .iter()
        .find_map(|prefix| answer.strip_prefix(prefix))
        .unwrap_or(answer)
        .trim_end_matches('/');
    let plain: String = id.chars().filter(|letter| *letter != '-' && *letter != ' ').collect();
    let plain = plain.to_uppercase();
    let (digits, check) = plain.split_at_checked(15).ok_or_else(wrong)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let total = digits.bytes().fold(0_u32, |total, byte| {
        total.saturating_add(u32::from(byte.saturating_sub(b'0'))).saturating_mul(2) % 11
    });
    let expected = match (12_u32.saturating_sub(total)) % 11 {
        10 => "X".to_owned(),
        digit => digit.to_string(),
    };
    if check != expected {
        return Err(format!("{name} has a wrong digit: check it against your ORCID page"));
    }
    Ok([&plain[..4], &plain[4..8], &plain[8..12], &plain[12..]].join("-"))
}

#[cfg(test)]
mod tests {
    //! Each kind takes what people write, and says what to write instead.

    use super::*;

    #[test]
    fn a_day_is_real_and_within_bounds() {
        let (from, to) = ("2027-01-01".parse().ok(), "2027-12-31".parse().ok());
        let check = |answer| date("Start", answer, from, to);
        assert_eq!(check("2027-02-28").as_deref(), Ok("2027-02-28"));
        for wrong in ["2027-02-30", "28/02/2027", "tomorrow", "2027-2-8", "2027-02-28T10:00:00"] {
            assert!(check(wrong).unwrap_err().contains("a real day"), "{wrong}");
        }
        assert!(check("2026-12-31").unwrap_err().ends_with("must be 2027-01-01 or later"));
        assert!(check("2028-01-01").unwrap_err().ends_with("must be 2027-12-31 or earlier"));
    }

    #[test]
    fn a_number_is_whole_and_within_bounds() {
        let check = |answer| number("Items", answer, -5, 10_000);
        for (given, read) in [("12", "12"), ("1,200", "1200"), ("1 200", "1200"), ("−5", "-5")] {
            assert_eq!(check(given).as_deref(), Ok(read), "{given}");
        }
        for wrong in ["1.5", "twelve", "1,2", "12,00", "--5", "1e3", "٣", ",100", ""] {
            assert!(check(wrong).unwrap_err().contains("a whole number"), "{wrong}");
        }
        assert!(check("-6").unwrap_err().ends_with("-5 or more"));
        assert!(check("10001").unwrap_err().ends_with("10000 or less"));
        assert!(check("99999999999999999999").unwrap_err().contains("between"));
    }

    #[test]
    fn addresses_have_a_host_with_a_dot() {
        assert_eq!(email("M", "ada@Lab.Example").as_deref(), Ok("ada@lab.example"));
        assert_eq!(email("M", "ada@bücher.example").as_deref(), Ok("ada@bücher.example"));
        for wrong in ["ada", "ada@lab", "@lab.example", "a b@lab.example", "ada@lab..example"] {
            assert!(email("M", wrong).is_err(), "{wrong}");
        }
        assert_eq!(web("W", "lab.example/a?b#c").as_deref(), Ok("https://lab.example/a?b#c"));
        assert_eq!(web("W", "http://lab.example:81").as_deref(), Ok("http://lab.example:81"));
        for wrong in ["javascript:alert(1)", "ftp://lab.example", "https://", "lab", "a b.example"]
        {
            assert!(web("W", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_orcid_id_has_its_check_digit() {
        let check = |answer| orcid("ORCID iD", answer);
        assert_eq!(check("0000-0002-1825-0097").as_deref(), Ok("0000-0002-1825-0097"));
        assert_eq!(
            check("https://orcid.org/0000-0002-1694-233x").as_deref(),
            Ok("0000-0002-1694-233X")
        );
        assert_eq!(check("0000000218250097").as_deref(), Ok("0000-0002-1825-0097"));
        assert!(check("0000-0002-1825-0098").unwrap_err().contains("wrong digit"));
        for wrong in ["", "ada", "0000-0002-1825", "ab00-0002-1825-0097", "0000-0002-1825-00970"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
