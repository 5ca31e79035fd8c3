//! The domain of a mail address, as name servers compare it.

use std::fmt;

/// Bytes of a domain at the most, as name servers have it.
const DOMAIN_BYTES_MAX: usize = 253;
/// Bytes of one of its labels at the most.
const LABEL_BYTES_MAX: usize = 63;

/// The domain of a mail address: lower case, without a trailing dot, and names of other alphabets
/// in the form that name servers have (`xn--`). It has at least two labels, and lies on the stack.
#[derive(Clone, Copy)]
pub struct MailDomain {
    bytes: [u8; DOMAIN_BYTES_MAX],
    len: usize,
}

impl MailDomain {
    /// The domain of an address or the domain itself; `None` where that is none. What stands
    /// before the last `@` is not looked at.
    pub fn of(address: &str) -> Option<Self> {
        let text = address.trim();
        let text = text.rsplit_once('@').map_or(text, |(_, domain)| domain);
        let mut domain = Self { bytes: [0; DOMAIN_BYTES_MAX], len: 0 };
        // Three further characters are dots to whoever types in Chinese or Japanese.
        let is_dot = |letter: char| matches!(letter, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
        let text = text.strip_suffix(is_dot).unwrap_or(text);
        let mut labels = 0;
        for label in text.split(is_dot) {
            if labels != 0 {
                domain.push(b'.')?;
            }
            domain.label(label)?;
            labels += 1;
        }
        (2 <= labels).then_some(domain)
    }

    /// The domain: `cs.example.edu`.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }

    /// Whether it is a domain or lies below it. The domain is in the form that
    /// [`as_str`](Self::as_str) gives.
    pub fn is_within(&self, domain: &str) -> bool {
        let below = self.as_str().strip_suffix(domain);
        below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.len)? = byte;
        self.len += 1;
        Some(())
    }

    /// One label, checked and written as name servers have it.
    fn label(&mut self, label: &str) -> Option<()> {
        let begins = self.len;
        if label.is_ascii() {
            for byte in label.bytes() {
                let byte = byte.to_ascii_lowercase();
                if !(byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
                    return None;
                }
                self.push(byte)?;
            }
        } else {
            self.encoded(label)?;
        }
        let written = &self.bytes[begins..self.len];
        let sound = (1..=LABEL_BYTES_MAX).contains(&written.len())
            && written.first() != Some(&b'-')
            && written.last() != Some(&b'-');
        sound.then_some(())
    }

    /// A label of other letters in the encoding of RFC 3492, in lower case.
    fn encoded(&mut self, label: &str) -> Option<()> {
        let mut letters = ['\0'; LABEL_BYTES_MAX];
        let mut count = 0;
        for letter in label.chars().flat_map(char::to_lowercase) {
            let allowed = letter == '-' || letter.is_alphanumeric() || is_mark(letter);
            if !allowed {
                return None;
            }
            *letters.get_mut(count)? = letter;
            count += 1;
        }
        let letters = &letters[..count];
        for byte in *b"xn--" {
            self.push(byte)?;
        }
        let basic = letters.iter().filter(|letter| letter.is_ascii()).count();
        for letter in letters.iter().filter(|letter| letter.is_ascii()) {
            self.push(u8::try_from(*letter).ok()?)?;
        }
        if basic != 0 {
            self.push(b'-')?;
        }
        let (mut code, mut delta, mut bias) = (128_u32, 0_u32, 72_u32);
        let mut done = u32::try_from(basic).ok()?;
        let all = u32::try_from(letters.len()).ok()?;
        let mut is_first = true;
        while done < all {
            let at_least = |letter: &&char| code <= u32::from(**letter);
            let next = u32::from(*letters.iter().filter(at_least).min()?);
            delta = delta.checked_add((next - code).checked_mul(done + 1)?)?;
            code = next;
            for letter in letters {
                if u32::from(*letter) < code {
                    delta = delta.checked_add(1)?;
                }
                if u32::from(*letter) == code {
                    self.number(delta, bias)?;
                    bias = adapted(delta, done + 1, is_first);
                    is_first = false;
                    delta = 0;
                    done += 1;
                }
            }
            delta = delta.checked_add(1)?;
            code += 1;
        }
        Some(())
    }

    /// A number of variable length, as the encoding has it.
    fn number(&mut self, number: u32, bias: u32) -> Option<()> {
        let mut rest = number;
        let mut position = BASE;
        loop {
            let threshold = position.saturating_sub(bias).clamp(1, 26);
            if rest < threshold {
                return self.push(digit(rest)?);
            }
            self.push(digit(threshold + (rest - threshold) % (BASE - threshold))?)?;
            rest = (rest - threshold) / (BASE - threshold);
            position += BASE;
        }
    }
}

/// Digits of the encoding: 26 letters and ten figures.
const BASE: u32 = 36;

fn digit(value: u32) -> Option<u8> {
    b"abcdefghijklmnopqrstuvwxyz0123456789".get(usize::try_from(value).ok()?).copied()
}

/// How the next numbers are weighed.
fn adapted(delta: u32, letters: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / letters;
    let mut steps = 0;
    while delta > 455 {
        delta /= 35;
        steps += BASE;
    }
    steps + 36 * delta / (delta + 38)
}

/// Whether a letter is a mark that is written with the one before it, as many scripts need.
fn is_mark(letter: char) -> bool {
    matches!(u32::from(letter), 0x300..=0x36f | 0x900..=0xdff | 0xe31..=0xe4e | 0x200c..=0x200d)
}

impl PartialEq for MailDomain {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for MailDomain {}

impl fmt::Debug for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MailDomain").field(&self.as_str()).finish()
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Domains that somebody adds to a list of academic ones, or takes out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainList {
    /// Domains of academic institutions, whatever the list says.
    pub academic: Vec<String>,
    /// Domains that show nothing, whatever the list says.
    pub refused: Vec<String>,
}

impl DomainList {
    /// What it says of a domain, by the longest of its entries that fits, and that entry: whether
    /// it is academic. `None` where it says nothing.
    pub fn says(&self, domain: &MailDomain) -> Option<(bool, &str)> {
        let fits = |entry: &&String| domain.is_within(entry);
        let longest = |list: &'_ Vec<String>| {
            list.iter().filter(fits).map(String::len).max().unwrap_or_default()
        };
        let (academic, refused) = (longest(&self.academic), longest(&self.refused));
        if academic == 0 && refused == 0 {
            return None;
        }
        let is_academic = refused < academic;
        let list = if is_academic { &self.academic } else { &self.refused };
        let length = academic.max(refused);
        let entry = list.iter().find(|entry| entry.len() == length && fits(entry))?;
        Some((is_academic, entry))
    }
}

/// What an operator knows of institutions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Institutions {
    /// Domains that are academic, or not, whatever the list that ships says.
    pub domains: DomainList,
    /// Providers whose sign-in shows that somebody belongs to an institution, by the name that the
    /// configuration gives them, with the institution's.
    pub providers: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::{DomainList, MailDomain};

    fn read(text: &str) -> Option<String> {
        MailDomain::of(text).map(|domain| domain.as_str().to_owned())
    }

    #[test]
    fn addresses_are_read_as_name_servers_compare_them() {
        for (text, domain) in [
            ("ada@example.edu", "example.edu"),
            ("  Ada+credits@CS.Example.EDU. ", "cs.example.edu"),
            ("\"a@b\"@uni.example", "uni.example"),
            ("example.edu", "example.edu"),
            // The samples of RFC 3492 and of names in use.
            ("ada@bücher.example", "xn--bcher-kva.example"),
            ("ada@BÜCHER.example", "xn--bcher-kva.example"),
            ("ada@münchen-uni.de", "xn--mnchen-uni-9db.de"),
            ("ada@例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("ada@他们为什么不说中文.cn", "xn--ihqwcrb4cv8a8dqg056pqjye.cn"),
            ("ada@ليهمابتكلموشعربي؟", ""),
            ("ada@почемужеонинеговорятпорусски.ru", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.ru"),
        ] {
            let expected = (!domain.is_empty()).then(|| domain.to_owned());
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn garbage_is_no_domain() {
        let long = format!("{}.edu", "a".repeat(64));
        let longer = format!("{}edu", "abcdefg.".repeat(40));
        let wide = format!("{}.edu", "ü".repeat(70));
        for text in [
            "",
            "@",
            "edu",
            ".edu",
            "a..edu",
            "a b.edu",
            "-a.edu",
            "a-.edu",
            "a@",
            "a@.",
            "a/b.edu",
            "a,b.edu",
            "\u{0}.edu",
            "☃.edu",
            &long,
            &longer,
            &wide,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_longest_entry_decides() {
        let list = DomainList {
            academic: vec!["example.org".to_owned(), "cs.spin.example.org".to_owned()],
            refused: vec!["spin.example.org".to_owned()],
        };
        for (domain, said) in [
            ("example.org", Some((true, "example.org"))),
            ("a.example.org", Some((true, "example.org"))),
            ("a.spin.example.org", Some((false, "spin.example.org"))),
            ("a.cs.spin.example.org", Some((true, "cs.spin.example.org"))),
            ("badexample.org", None),
        ] {
            let domain = MailDomain::of(domain).expect("a domain");
            assert_eq!(list.says(&domain), said, "{domain}");
        }
    }
}
