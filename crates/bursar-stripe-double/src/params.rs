//! The parameters of a request: each is known, or the request is refused.

use std::collections::BTreeMap;

use crate::answer::{Expand, Refusal};
use crate::session::Opened;

/// Stripe's least amount in dollars, in cents.
const CENTS_MIN: i64 = 50;
/// Its largest: eight digits.
const CENTS_MAX: i64 = 99_999_999;
/// Characters of an address that a page leads to.
const URL_CHARACTERS_MAX: usize = 5_000;
/// Characters of a mail address (RFC 5321).
const EMAIL_CHARACTERS_MAX: usize = 254;

/// Parameters by name, taken one by one; what is left at the end is unknown.
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Each name once.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.insert(name.clone(), value).is_some() {
                let message = format!("The parameter {name} is given twice.");
                return Err(Refusal::invalid("parameter_invalid", name, message));
            }
        }
        Ok(Self(params))
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn need(&mut self, name: &str) -> Result<String, Refusal> {
        let missing = || {
            let message = format!("Missing required param: {name}.");
            Refusal::invalid("parameter_missing", name, message)
        };
        self.take(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// A parameter that can only say one thing here.
    fn exactly(&mut self, name: &str, expected: &str) -> Result<(), Refusal> {
        let found = self.need(name)?;
        if found == expected {
            return Ok(());
        }
        let message = format!("Invalid {name}: the double knows {expected} only.");
        Err(Refusal::invalid("parameter_invalid", name, message))
    }

    /// An amount in cents.
    pub(crate) fn cents(name: &str, text: &str) -> Result<i64, Refusal> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(cents) = text.parse::<i64>().ok().filter(|_| digits) else {
            let message = format!("Invalid integer: {name}.");
            return Err(Refusal::invalid("parameter_invalid_integer", name, message));
        };
        if cents < CENTS_MIN {
            let message = "The amount must be at least $0.50 usd.";
            return Err(Refusal::invalid("amount_too_small", name, message));
        }
        if CENTS_MAX < cents {
            let message = "The amount must be no more than $999,999.99.";
            return Err(Refusal::invalid("amount_too_large", name, message));
        }
        Ok(cents)
    }

    fn url(name: &str, text: String) -> Result<String, Refusal> {
        let has_host = |scheme: &str| {
            let rest = text.strip_prefix(scheme).unwrap_or_default();
            !rest.is_empty() && !rest.starts_with('/')
        };
        let sound =
            text.len() <= URL_CHARACTERS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        if sound && (has_host("https://") || has_host("http://")) {
            return Ok(text);
        }
        Err(Refusal::invalid("url_invalid", name, "Not a valid URL"))
    }

    fn metadata(&mut self, prefix: &str) -> Vec<(String, String)> {
        let inner = |name: &str| {
            let key = name.strip_prefix(prefix)?.strip_prefix('[')?.strip_suffix(']')?;
            (!key.is_empty() && !key.contains(['[', ']'])).then(|| key.to_owned())
        };
        let found: Vec<(String, String)> =
            self.0.keys().filter_map(|name| Some((name.clone(), inner(name)?))).collect();
        let value = |(name, key): (String, String)| Some((key, self.0.remove(&name)?));
        found.into_iter().filter_map(value).collect()
    }

    /// What a session is opened with.
    pub(crate) fn opened(&mut self) -> Result<Opened, Refusal> {
        self.exactly("mode", "payment")?;
        self.exactly("payment_method_types[0]", "card")?;
        self.exactly("line_items[0][quantity]", "1")?;
        self.exactly("line_items[0][price_data][currency]", "usd")?;
        let amount = "line_items[0][price_data][unit_amount]";
        let cents = Self::cents(amount, &self.need(amount)?)?;
        let title = self.need("line_items[0][price_data][product_data][name]")?;
        let capture = "payment_intent_data[capture_method]";
        let captured_by_hand = match self.take(capture).as_deref() {
            Some("manual") => true,
            None | Some("automatic") => false,
            Some(_) => {
                let message = "Invalid capture_method: must be automatic or manual.";
                return Err(Refusal::invalid("parameter_invalid", capture, message));
            }
        };
        let success_url = Self::url("success_url", self.need("success_url")?)?;
        let cancel_url = self.take("cancel_url");
        let cancel_url = cancel_url.map(|url| Self::url("cancel_url", url)).transpose()?;
        let email = self.take("customer_email");
        let is_address = |text: &String| {
            text.len() <= EMAIL_CHARACTERS_MAX
                && text.split_once('@').is_some_and(|(name, host)| {
                    !name.is_empty() && host.contains('.') && !host.contains('@')
                })
        };
        if email.as_ref().is_some_and(|email| !is_address(email)) {
            let message = "Invalid email address.";
            return Err(Refusal::invalid("email_invalid", "customer_email", message));
        }
        Ok(Opened {
            cents,
            title,
            reference: self.take("client_reference_id"),
            email,
            success_url,
            cancel_url,
            captured_by_hand,
            metadata: self.metadata("metadata"),
            payment_metadata: self.metadata("payment_intent_data[metadata]"),
        })
    }

    /// How much of a session to write out.
    pub(crate) fn expand_session(&mut self) -> Result<Expand, Refusal> {
        match self.take("expand[0]").as_deref() {
            None => Ok(Expand::default()),
            Some("payment_intent") => Ok(Expand { intent: true, method: false }),
            Some("payment_intent.payment_method") => Ok(Expand { intent: true, method: true }),
            Some(_) => Err(not_expandable()),
        }
    }

    /// Whether to write out the card of a payment.
    pub(crate) fn expand_intent(&mut self) -> Result<bool, Refusal> {
        match self.take("expand[0]").as_deref() {
            None => Ok(false),
            Some("payment_method") => Ok(true),
            Some(_) => Err(not_expandable()),
        }
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let Some(name) = self.0.into_keys().next() else { return Ok(()) };
        let message = format!("Received unknown parameter: {name}");
        Err(Refusal::invalid("parameter_unknown", name, message))
    }
}

fn not_expandable() -> Refusal {
    let message = "This property cannot be expanded.";
    Refusal::invalid("parameter_invalid", "expand", message)
}
