//! A body of `name=value` pairs, as the provider reads them.

use std::fmt::Write as _;

/// Pairs in the order they are sent.
#[derive(Debug, Default)]
pub(crate) struct Form(String);

impl Form {
    /// The form with one more pair.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        escape(name, &mut self.0);
        self.0.push('=');
        escape(value, &mut self.0);
        self
    }

    /// The pairs as a body or a query.
    pub(crate) fn encoded(self) -> String {
        self.0
    }
}

/// Whether a text is a name of the provider's, so that it can stand in a path.
pub(crate) fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty() && text.len() <= 255 && text.bytes().all(is_plain)
}

fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    //! What a body looks like, and what may stand in a path.

    use super::*;

    #[test]
    fn pairs_are_escaped_byte_by_byte() {
        let form = Form::default().with("a[b]", "x & y=ü").with("c", "");
        assert_eq!(form.encoded(), "a%5Bb%5D=x%20%26%20y%3D%C3%BC&c=");
    }

    #[test]
    fn only_the_providers_own_names_stand_in_a_path() {
        let names = ["cs_test_a1", "pi_3", "", "../x", "a/b", "a?b", "ü"];
        assert_eq!(names.map(is_name), [true, true, false, false, false, false, false]);
    }
}
