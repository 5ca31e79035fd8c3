//! Mail addresses as SMTP and headers take them: nothing in one can end a line.

use std::fmt;
use std::str::FromStr;

/// Bytes of a part before the `@`, and of a whole address, as RFC 5321 has it.
const LOCAL_BYTES_MAX: usize = 64;
const ADDRESS_BYTES_MAX: usize = 254;

/// A mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    local: String,
    domain: String,
}

/// Why a text is not a mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a mail address, like name@example.edu")]
pub struct BadMailbox;

impl FromStr for Mailbox {
    type Err = BadMailbox;

    fn from_str(text: &str) -> Result<Self, BadMailbox> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadMailbox)?;
        let is_atom = |part: &str, more: &str| {
            let fits = |c: char| {
                c.is_ascii_alphanumeric() || more.contains(c) || (!c.is_ascii() && is_word(c))
            };
            !part.is_empty() && part.chars().all(fits)
        };
        let local_fits = local.len() <= LOCAL_BYTES_MAX
            && local.split('.').all(|part| is_atom(part, "!#$%&'*+-/=?^_`{|}~"));
        let label =
            |label: &str| is_atom(label, "-") && !label.starts_with('-') && !label.ends_with('-');
        let domain_fits = domain.split('.').all(label);
        if !local_fits || !domain_fits {
            return Err(BadMailbox);
        }
        let domain = domain.to_lowercase();
        let domain = domain.split('.').map(to_ascii).collect::<Option<Vec<_>>>();
        let domain = domain.ok_or(BadMailbox)?.join(".");
        if ADDRESS_BYTES_MAX < local.len() + 1 + domain.len() {
            return Err(BadMailbox);
        }
        Ok(Self { local: local.to_owned(), domain })
    }
}

/// Characters of other scripts that a name is written with: no spaces, no controls, nothing that
/// turns the direction of what follows.
fn is_word(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

impl Mailbox {
    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands behind it, as the name system has it.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether any relay takes it; one with other letters before the `@` takes SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii()
    }

    /// The address with a tag, which its mail server delivers as it does the address itself.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Self {
        Self { local: format!("{}+{tag}", self.local), domain: self.domain.clone() }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// A label of a domain as the name system has it: RFC 3492.
fn to_ascii(label: &str) -> Option<String> {
    let ascii =
        if label.is_ascii() { label.to_owned() } else { format!("xn--{}", punycode(label)?) };
    (ascii.len() <= 63).then_some(ascii)
}

fn punycode(label: &str) -> Option<String> {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if 0 < basic {
        out.push('-');
    }
    let points: Vec<u32> = label.chars().map(u32::from).collect();
    let total = u32::try_from(points.len()).ok()?;
    let (mut next, mut delta, mut bias, mut handled) = (128_u32, 0_u32, 72_u32, basic);
    while handled < total {
        let least = points.iter().copied().filter(|point| next <= *point).min()?;
        delta = delta.checked_add((least - next).checked_mul(handled + 1)?)?;
        next = least;
        for point in &points {
            if *point < next {
                delta = delta.checked_add(1)?;
            } else if *point == next {
                digits(&mut out, delta, bias);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        next += 1;
    }
    Some(out)
}

fn digits(out: &mut String, delta: u32, bias: u32) {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let digit = |value: u32| char::from(DIGITS[usize::try_from(value).unwrap_or(0)]);
    let (mut rest, mut place) = (delta, 36_u32);
    loop {
        let threshold = place.saturating_sub(bias).clamp(1, 26);
        if rest < threshold {
            out.push(digit(rest));
            return;
        }
        out.push(digit(threshold + (rest - threshold) % (36 - threshold)));
        rest = (rest - threshold) / (36 - threshold);
        place += 36;
    }
}

fn adapt(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut steps = 0;
    while 455 < delta {
        delta /= 35;
        steps += 36;
    }
    steps + 36 * delta / (delta + 38)
}
